"""How names are compared: without spaces and widths, old kanji as new ones."""

from core.text import fold

# Pairs: an old or rare form, and the one that most people write.
_PAIRS = (
    "髙高 﨑崎 嵜崎 碕崎 齋斉 齊斉 斎斉 邊辺 邉辺 澤沢 濵浜 濱浜 廣広 國国 櫻桜 眞真 德徳 惠恵 榮栄 龍竜 "
    "瀧滝 嶋島 嶌島 冨富 槇槙 瀨瀬 會会 黑黒 壽寿 實実 靜静 禮礼 應応 豐豊 藏蔵 條条 關関 圓円 萬万 與与 "
    "來来 劍剣 將将 讓譲 穗穂 曾曽 鹽塩 𠮷吉 峯峰 埜野 舘館 濟済 兒児 學学 彌弥 鷗鴎 籠篭 彥彦 淸清 增増 "
    "橫横 鄕郷 渕淵 渊淵 檜桧 藪薮 莊荘 傳伝 寬寛 緖緒 縣県 戶戸 步歩 每毎 乘乗 亞亜 佛仏 假仮 僞偽 勳勲 "
    "卷巻 嚴厳 壯壮 惡悪 戀恋 拔抜 敕勅 晝昼 曉暁 樂楽 樣様 氣気 滿満 澁渋 燒焼 燈灯 狹狭 獨独 瑤瑶 當当 "
    "盡尽 祿禄 稻稲 絲糸 經経 總総 聲声 藝芸 蘆芦 蟲虫 覺覚 觀観 譽誉 辨弁 遙遥 郞郎 釋釈 鐵鉄 鑛鉱 陷陥 "
    "隱隠 靈霊 顯顕 驛駅 體体 鷄鶏 麥麦 黃黄 龜亀 凉涼 ヶけ ゖけ"
)
_FORMS = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
_PUNCTUATION = dict.fromkeys(map(ord, " ・.,'’-"))


def fold_name(text: str | None) -> str:
    """Return a name as it is compared; empty for nothing."""
    folded = fold(text or "").translate(_FORMS).translate(_PUNCTUATION)
    if "々" not in folded:
        return folded
    signs: list[str] = []
    for sign in folded:
        signs.append(signs[-1] if sign == "々" and signs else sign)
    return "".join(signs)


def mailbox(key: str) -> str:
    """Return the mailbox behind the key of an e-mail address: `taro+shop@…` is `taro@…`."""
    local, _at, domain = key.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"
