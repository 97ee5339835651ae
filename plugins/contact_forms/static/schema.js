/* The rules of a form in the browser: the same as cleaning.py, rules.py and schema.py on the
   server, held to them by tests/plugins/contact_forms/vectors.json. Touches no page. */

window.kaiinFormSchema ??= (() => {
  "use strict";

  const FREE_TEXT_LENGTH = 400;
  const EMAIL = /^[^@ ,;<>()"]+@[^@ ,;<>()".]+(?:\.[^@ ,;<>()".]+)+$/u;
  const TEL = /^\+?[0-9\-(). ]+$/u;
  const URL_SHAPE = /^https?:\/\/[^ /?#@:]+(?::[0-9]{1,5})?(?:[/?#][^ ]*)?$/iu;
  const KANA = /^[ァ-ヺー・ヽヾ\- ]+$/u;
  const POSTAL = /^[0-9]{3}-[0-9]{4}$/u;
  const NUMBER = /^[-+]?[0-9]{1,12}(?:\.[0-9]{1,6})?$/u;
  const UNREADABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u;

  const trim = (text) => text.replace(/\r\n|[\r\u2028\u2029]/g, "\n").trim();
  const fold = (text) => text.normalize("NFKC").trim();
  const dashes = (text) => text.replace(/[‐‑‒–—―−ー]/g, "-");
  const length = (text) => [...text].length;
  const isReadable = (text, lines) =>
    !UNREADABLE.test(lines ? text.replace(/[\t\r\n\u2028\u2029]/g, "") : text);

  /* Written as it is kept. */

  function kana(text) {
    const katakana = fold(text).replace(/[ぁ-ゖゝゞ]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x60));
    return katakana.replace(/\s+/g, " ");
  }

  function number(text) {
    const plain = dashes(fold(text));
    return /^[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$/.test(plain) ? plain.replaceAll(",", "") : plain;
  }

  function date(text) {
    const folded = fold(text);
    const found = /^([0-9]{4})[^0-9]{1,2}([0-9]{1,2})[^0-9]{1,2}([0-9]{1,2})日?$/u.exec(folded);
    return found ? `${found[1]}-${found[2].padStart(2, "0")}-${found[3].padStart(2, "0")}` : folded;
  }

  function postal(text) {
    const folded = dashes(fold(text));
    const found = /^(?:〒 ?)?([0-9]{3})-?([0-9]{4})$/u.exec(folded);
    return found ? `${found[1]}-${found[2]}` : folded;
  }

  const WRITERS = {
    kana,
    email: fold,
    tel: (text) => dashes(fold(text)),
    number,
    range: number,
    date,
    postal,
  };

  /* Days: fixed, or counted from today. */

  const iso = (year, month, day) =>
    [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join("-");

  function isDay(text) {
    const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
    if (!found) return false;
    const [year, month, day] = found.slice(1).map(Number);
    return year > 0 && month > 0 && month < 13 && day > 0 && day <= lastDay(year, month);
  }

  const lastDay = (year, month) =>
    month === 2 ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

  function resolveDay(text, today) {
    const found = /^today((?:[+-][0-9]{1,4}(?:day|week|month|year)s?)*)$/.exec(text);
    if (!found) return isDay(text) ? text : null;
    let day = today;
    for (const [, count, unit] of found[1].matchAll(/([+-][0-9]{1,4})(day|week|month|year)/g)) {
      day = move(day, Number(count), unit);
    }
    return day;
  }

  function move(from, count, unit) {
    const [year, month, day] = from.split("-").map(Number);
    if (unit === "day" || unit === "week") {
      const moved = new Date(Date.UTC(2000, month - 1, day));
      moved.setUTCFullYear(year, month - 1, day + count * (unit === "week" ? 7 : 1));
      return within(moved.getUTCFullYear(), moved.getUTCMonth() + 1, moved.getUTCDate());
    }
    const months = year * 12 + month - 1 + count * (unit === "year" ? 12 : 1);
    const [toYear, toMonth] = [Math.floor(months / 12), (((months % 12) + 12) % 12) + 1];
    return within(toYear, toMonth, Math.min(day, lastDay(toYear, toMonth)));
  }

  function within(year, month, day) {
    if (year < 1) return "0001-01-01";
    return year > 9999 ? "9999-12-31" : iso(year, month, day);
  }

  /* Numbers are compared as whole millionths, so that 0.1 steps are exact. */

  function millionths(text) {
    const sign = text.startsWith("-") ? -1n : 1n;
    const [whole, part = ""] = text.replace(/^[-+]/, "").split(".");
    return sign * BigInt(whole + part.padEnd(6, "0"));
  }

  /* Files: `size/name`, as the rules look at them. */

  const MB = 1048576, KB = 1024;

  function readFile(text) {
    const [, size, name] = /^([0-9]{1,15})\/(.*)$/su.exec(text) ?? ["", "0", ""];
    return { size: Number(size), name };
  }

  function endingOf(name) {
    const dot = name.lastIndexOf(".");
    return dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
  }

  function sizeText(size) {
    for (const [unit, name] of [[MB, "MB"], [KB, "KB"]]) {
      if (size < unit) continue;
      const tenths = Math.floor((size * 10) / unit);
      const whole = Math.floor(tenths / 10).toLocaleString("en");
      return tenths % 10 ? `${whole}.${tenths % 10} ${name}` : `${whole} ${name}`;
    }
    return `${size.toLocaleString("en")} B`;
  }

  const each = (chosen) => (Array.isArray(chosen) ? chosen : [chosen]);

  const CHECKS = {
    minlength: (value, text) => length(text) >= value,
    maxlength: (value, text) => length(text) <= value,
    kana: (_value, text) => KANA.test(text),
    email: (_value, text) => EMAIL.test(text),
    url: (_value, text) => URL_SHAPE.test(text),
    postal: (_value, text) => POSTAL.test(text),
    number: (_value, text) => NUMBER.test(text),
    tel: (_value, text) => TEL.test(text) && text.replace(/[^0-9]/g, "").length >= 6,
    minnumber: (value, text) => millionths(text) >= millionths(value),
    maxnumber: (value, text) => millionths(text) <= millionths(value),
    stepnumber: ([step, base], text) => (millionths(text) - millionths(base)) % millionths(step) === 0n,
    date: (_value, text) => isDay(text),
    mindate: (value, text, today) => text >= (resolveDay(value, today) ?? text),
    maxdate: (value, text, today) => text <= (resolveDay(value, today) ?? text),
    enum: (value, chosen) => each(chosen).every((one) => value.includes(one)),
    minitems: (value, chosen) => chosen.length >= value,
    maxitems: (value, chosen) => chosen.length <= value,
    filetypes: (value, files) => files.every((file) => value.includes(endingOf(file.name))),
    fileempty: (_value, files) => files.every((file) => file.size > 0),
    filesize: (value, files) => files.every((file) => file.size <= value),
    filetotal: (value, files) => files.reduce((sum, file) => sum + file.size, 0) <= value,
  };

  const LIMITS = {
    filetypes: (value) => value.map((ending) => ending.toUpperCase()).join(", "),
    filesize: sizeText,
    filetotal: sizeText,
  };

  function limitOf(value, today, rule) {
    if (LIMITS[rule]) return LIMITS[rule](value);
    if (value === undefined || typeof value === "boolean" || Array.isArray(value)) return "";
    if (typeof value === "number") return value.toLocaleString("en");
    return resolveDay(value, today) ?? value;
  }

  function firstBroken(rules, answer, today) {
    const broken = rules.find(({ rule, value }) => CHECKS[rule] && !CHECKS[rule](value, answer, today));
    return broken ? { code: broken.code, limit: limitOf(broken.value, today, broken.rule) } : null;
  }

  const TESTS = {
    is: (value, values) => values.includes(value),
    is_not: (value, values) => !values.includes(value),
    contains: (value, values) => values.some((one) => one.includes(value)),
    is_empty: (_value, values) => values.length === 0,
    is_filled: (_value, values) => values.length > 0,
  };

  function isShown(show, seen) {
    if (!show) return true;
    const holds = ({ field, op, value }) => TESTS[op](value, seen[field] ?? []);
    return show.mode === "any" ? show.tests.some(holds) : show.tests.every(holds);
  }

  /* One field: null when its answer can be kept, else the code and the limit that it names. */
  function judge(field, given, today) {
    const values = given[field.key] ?? [];
    const chosen = values.filter((value) => value.trim());
    const rule = (name) => field.rules.find((one) => one.rule === name);
    if (field.kind === "file" && chosen.length) return firstBroken(field.rules, chosen.map(readFile), today);
    if (!field.many && values.length > 1 && field.kind !== "file") return { code: "sent_twice", limit: "" };
    const accept = rule("accept");
    if (field.kind === "acceptance") {
      return accept && chosen.length > 0 !== accept.value ? { code: accept.code, limit: "" } : null;
    }
    if (!chosen.length) {
      const required = rule("required");
      return required ? { code: required.code, limit: "" } : null;
    }
    if (rule("enum")) return judgeChosen(field, chosen, given, today);
    return judgeText(field, chosen[0], rule("maxlength"), today);
  }

  function judgeText(field, typed, longest, today) {
    if (!isReadable(typed, field.kind === "textarea")) return { code: "unreadable", limit: "" };
    const text = trim(typed);
    if (longest && length(text) > longest.value) {
      return { code: longest.code, limit: limitOf(longest.value, today) };
    }
    return firstBroken(field.rules, (WRITERS[field.kind] ?? String)(text), today);
  }

  function judgeChosen(field, chosen, given, today) {
    const choices = field.rules.find((one) => one.rule === "enum").value;
    if (field.many && chosen.length > choices.length) return { code: "invalid_choice", limit: "" };
    const broken = firstBroken(field.rules, field.many ? [...new Set(chosen)] : chosen[0], today);
    if (broken || !field.free || !chosen.includes(field.free)) return broken;
    const free = (given[`${field.key}:free`] ?? [""])[0];
    if (!isReadable(free, false)) return { code: "unreadable", limit: "" };
    const isLong = length(trim(free)) > FREE_TEXT_LENGTH;
    return isLong ? { code: "invalid_too_long", limit: String(FREE_TEXT_LENGTH) } : null;
  }

  /* The whole form: which fields are shown, and what is wrong with those. */
  function check(schema, given, today) {
    const seen = {}, shown = {}, problems = {};
    for (const field of schema.fields) {
      shown[field.key] = isShown(field.show, seen);
      if (!shown[field.key]) continue;
      seen[field.key] = (given[field.key] ?? []).map(trim).filter(Boolean);
      const problem = judge(field, given, today);
      if (problem) problems[field.key] = problem;
    }
    return { shown, problems };
  }

  const todayIn = (timezone) => new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" }).format();

  return { check, todayIn };
})();
