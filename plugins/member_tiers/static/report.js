// Draws the table of the report as a chart. The table stays, for those who read or hear it.
"use strict";

(() => {
  const box = document.querySelector("[data-report-chart]");
  const rows = [...document.querySelectorAll("[data-report-table] tbody tr")];
  if (!box || !rows.length || !window.echarts) return;

  const column = (name) => rows.map((row) => Number(row.dataset[name]));
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  // Okabe and Ito's colours, told apart by all kinds of eyes.
  const COLOURS = { joined: "#0072b2", left: "#d55e00", members: "#009e73" };
  let chart;

  const options = () => {
    const style = getComputedStyle(box);
    const ink = style.color;
    const faint = "rgba(128, 128, 128, 0.3)";
    const axis = { axisLabel: { color: ink }, axisLine: { lineStyle: { color: faint } } };
    const amounts = { ...axis, type: "value", minInterval: 1, splitLine: { lineStyle: { color: faint } } };
    const people = { name: box.dataset.people, nameTextStyle: { color: ink } };
    return {
      animation: !still,
      // HTML tooltips would need styles that the content security policy stops.
      tooltip: { trigger: "axis", renderMode: "richText", confine: true },
      grid: { left: 48, right: 48, top: 36, bottom: 32 },
      xAxis: { ...axis, type: "category", data: rows.map((row) => row.dataset.month) },
      yAxis: [{ ...amounts, ...people }, { ...amounts, ...people, splitLine: { show: false }, scale: true }],
      series: [
        { name: box.dataset.joined, type: "bar", data: column("joined"), itemStyle: { color: COLOURS.joined } },
        {
          name: box.dataset.left,
          type: "bar",
          data: column("left"),
          itemStyle: { color: COLOURS.left, decal: { symbol: "rect" } },
        },
        {
          name: box.dataset.members,
          type: "line",
          yAxisIndex: 1,
          data: column("members"),
          symbolSize: 7,
          itemStyle: { color: COLOURS.members },
        },
      ],
    };
  };

  const draw = () => {
    box.hidden = false;
    document.querySelector("[data-report-keys]").hidden = false;
    chart = chart || window.echarts.init(box, null, { renderer: "canvas" });
    chart.setOption(options(), true);
  };

  draw();
  window.addEventListener("resize", () => chart.resize());
  scheme.addEventListener("change", draw);
})();
