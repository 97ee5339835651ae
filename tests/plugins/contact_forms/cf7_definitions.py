"""Definitions of Contact Form 7 as Japanese sites write them, each another kind."""

from dataclasses import dataclass, field
from typing import Any

MAIL = """To: shop@example.com
From: [_site_title] <wordpress@example.com>
Subject: [_site_title] "お問い合わせ"
Reply-To: [your-email]

差出人: [your-name] <[your-email]>
"""
REPLY = """To: [your-email]
Subject: お問い合わせありがとうございます（[your-name] 様）

[your-name] 様
次の内容で承りました。
"""


@dataclass(frozen=True)
class Definition:
    """A definition, the words of its questions, what of it cannot be taken, and answers to give."""

    name: str
    form: str
    labels: tuple[str, ...]
    left: tuple[str, ...] = ()
    answers: dict[str, Any] = field(default_factory=dict)
    mail: str = ""
    mail_2: str = ""
    settings: str = ""
    told: tuple[str, ...] = ()
    reply_says: tuple[str, ...] = ()
    notice_says: tuple[str, ...] = ()


PREFECTURES = " ".join(
    f'"{name}"'
    for name in [
        "北海道",
        "青森県",
        "岩手県",
        "宮城県",
        "秋田県",
        "山形県",
        "福島県",
        "茨城県",
        "栃木県",
        "群馬県",
        "埼玉県",
        "千葉県",
        "東京都",
        "神奈川県",
        "新潟県",
        "富山県",
        "石川県",
        "福井県",
        "山梨県",
        "長野県",
        "岐阜県",
        "静岡県",
        "愛知県",
        "三重県",
        "滋賀県",
        "京都府",
        "大阪府",
        "兵庫県",
        "奈良県",
        "和歌山県",
        "鳥取県",
        "島根県",
        "岡山県",
        "広島県",
        "山口県",
        "徳島県",
        "香川県",
        "愛媛県",
        "高知県",
        "福岡県",
        "佐賀県",
        "長崎県",
        "熊本県",
        "大分県",
        "宮崎県",
        "鹿児島県",
        "沖縄県",
    ]
)

DEFINITIONS = (
    Definition(
        "the form that comes with the plugin",
        """<label> 氏名
    [text* your-name autocomplete:name] </label>

<label> メールアドレス
    [email* your-email autocomplete:email] </label>

<label> 題名
    [text* your-subject] </label>

<label> メッセージ本文 (任意)
    [textarea your-message] </label>

[submit "送信"]""",
        ("氏名", "メールアドレス", "題名", "メッセージ本文"),
        mail=MAIL + "題名: [your-subject]\n\n[your-message]",
        notice_says=(
            '"お問い合わせ"',
            "差出人: 山田 太郎 <taro@example.jp>",
            "回答 your-subject",
            "回答 your-message",
        ),
        mail_2=REPLY + "題名: [your-subject]\n[your-message]",
        told=("shop@example.com",),
        reply_says=("山田 太郎 様", "題名: 回答 your-subject", "回答 your-message"),
    ),
    Definition(
        "a Japanese shop with kana and consent",
        """<p>お名前（必須）<br />[text* your-name placeholder "山田 太郎"]</p>
<p>フリガナ（必須）<br />※全角カタカナでご入力ください<br />[text* your-kana]</p>
<p>電話番号<br />[tel your-tel]</p>
<p>メールアドレス（必須）<br />[email* your-email]</p>
<p>お問い合わせ内容（必須）<br />[textarea* your-message 40x10]</p>
<p>[acceptance your-consent] <a href="/privacy">個人情報の取り扱い</a>に同意します [/acceptance]</p>
<p>[submit "送信する"]</p>""",
        ("お名前", "フリガナ", "電話番号", "メールアドレス", "お問い合わせ内容", "同意"),
        mail=MAIL,
        mail_2=REPLY,
        told=("shop@example.com",),
        reply_says=("山田 太郎 様",),
    ),
    Definition(
        "a table",
        """<table class="contact">
<tr><th>会社名 <span class="free">任意</span></th><td>[text company class:wide]</td></tr>
<tr><th>お名前 <span class="must">必須</span></th><td>[text* your-name 40/100]</td></tr>
<tr><th>電話番号</th><td>[tel* tel-1]<br>※半角数字</td></tr>
<tr><th>メールアドレス<span>必須</span></th><td>[email* your-email]</td></tr>
<tr><th>ご相談内容</th><td>[textarea* body x8]</td></tr>
</table>
<div class="btn">[submit class:btn "この内容で送信"]</div>""",
        ("会社名", "お名前", "電話番号", "メールアドレス", "ご相談内容"),
    ),
    Definition(
        "a list of terms",
        """<dl class="form">
<dt>お名前<em>*</em></dt><dd>[text* your-name]</dd>
<dt>メールアドレス<em>*</em></dt><dd>[email* your-email]</dd>
<dt>ご要望</dt><dd>[textarea your-message]</dd>
</dl>[submit "送信"]""",
        ("お名前", "メールアドレス", "ご要望"),
    ),
    Definition(
        "a reservation with dates",
        """<label>お名前 [text* your-name]</label>
<label>メール [email* your-email]</label>
<label>第一希望日 [date* date-1 min:today+1day max:today+3months]</label>
<label>第二希望日 [date date-2 min:2026-01-01 max:2099-12-31]</label>
<label>時間帯 [select* time "10:00～" "13:00～" "16:00～"]</label>
<label>人数 [number* people min:1 max:8 "2"] 名</label>
[submit "予約する"]""",
        ("お名前", "メール", "第一希望日", "第二希望日", "時間帯", "人数"),
        answers={"people": "4"},
        mail_2=REPLY + "[date-1] [time] [people]名",
        reply_says=("13:00～ 4名",),
    ),
    Definition(
        "recruiting with a file",
        """<p>応募職種 [select* job include_blank "営業" "事務" "デザイナー"]</p>
<p>氏名 [text* your-name]</p><p>メールアドレス [email* your-email]</p>
<p>履歴書（PDF） [file* resume filetypes:pdf|doc limit:5mb]</p>
<p>自己PR [textarea* pr maxlength:1000]</p>[submit "応募する"]""",
        ("応募職種", "氏名", "メールアドレス", "履歴書（PDF）", "自己PR"),
    ),
    Definition(
        "a survey with radio and checkbox groups",
        """<fieldset><legend>性別</legend>
[radio sex use_label_element default:1 "女性" "男性" "回答しない"]</fieldset>
<fieldset><legend>きっかけ（複数可）</legend>
[checkbox* from use_label_element "検索" "SNS" "知人の紹介" "チラシ"]</fieldset>
<fieldset><legend>満足度</legend>[radio satisfied label_first "満足" "普通" "不満"]</fieldset>
<fieldset><legend>ご意見</legend>[textarea opinion]</fieldset>[submit "回答する"]""",
        ("性別", "きっかけ（複数可）", "満足度", "ご意見"),
    ),
    Definition(
        "exclusive checkboxes and free text",
        """<p>ご連絡方法<br>[checkbox contact-by exclusive "電話" "メール" "どちらでも"]</p>
<p>ご興味<br>[checkbox interest free_text default:1_2 "料理" "旅行" "その他"]</p>
<p>お名前<br>[text* your-name]</p>[submit]""",
        ("ご連絡方法", "ご興味", "お名前"),
        answers={"contact-by": "メール"},
    ),
    Definition(
        "event registration with a counter",
        """<label>お名前 [text* your-name]</label><label>メールアドレス [email* your-email]</label>
<label>参加人数 [select* count-people first_as_label "選択してください" "1名" "2名" "3名以上"]</label>
<label>ひとこと [textarea word maxlength:200 minlength:2]</label> 残り [count word down] 文字
[submit "申し込む"]""",
        ("お名前", "メールアドレス", "参加人数", "ひとこと"),
    ),
    Definition(
        "a real-estate request",
        f"""<table><tr><th>お問い合わせ種別</th>
<td>[checkbox* kind "資料請求" "見学予約" "価格について"]</td></tr>
<tr><th>物件番号</th><td>[text estate default:get readonly]</td></tr>
<tr><th>お名前</th><td>姓 [text* sei] 名 [text* mei]</td></tr>
<tr><th>郵便番号</th><td>[text zip placeholder "123-4567"]</td></tr>
<tr><th>都道府県</th><td>[select pref include_blank {PREFECTURES}]</td></tr>
<tr><th>ご住所</th><td>[text address]</td></tr>
<tr><th>ご予算</th><td>[range budget min:1000 max:8000 step:500 "3000"]</td></tr>
<tr><th>メールアドレス</th><td>[email* your-email]</td></tr></table>[submit "送信"]""",
        (
            "お問い合わせ種別",
            "物件番号",
            "お名前 姓",
            "お名前 名",
            "郵便番号",
            "都道府県",
            "ご住所",
            "ご予算",
            "メールアドレス",
        ),
        answers={"budget": "4500"},
    ),
    Definition(
        "several languages",
        """<label>お名前 / Name* [text* your-name]</label>
<label>メール / E-mail* [email* your-email]</label>
<label>国 / Country [select country "日本 Japan" "台湾 Taiwan" "Other"]</label>
<label>メッセージ / Message [textarea* your-message]</label>[submit "送信 / Send"]""",
        ("お名前 / Name", "メール / E-mail", "国 / Country", "メッセージ / Message"),
    ),
    Definition(
        "an English form",
        """<label> Your name (required)
    [text* your-name] </label>
<label> Your email *
    [email* your-email] </label>
<label> Website [url website "https://example.com"]</label>
<label> Your message [textarea your-message] </label>
[submit "Submit"]""",
        ("Your name", "Your email", "Website", "Your message"),
        answers={"website": "https://example.jp/"},
    ),
    Definition(
        "the old syntax",
        """<p>お名前 (必須)<br />
    [text* your-name 40/400] </p>
<p>メールアドレス (必須)<br />
    [email* your-email 40/] </p>
<p>本文<br />
    [textarea your-message 40x10/2000] </p>
<p>[submit "送信"]</p>""",
        ("お名前", "メールアドレス", "本文"),
    ),
    Definition(
        "a quiz",
        """<label>お名前 [text* your-name]</label>
<label>ご質問 [textarea* question]</label>
<label>確認 [quiz capital "日本の首都は？（漢字2文字）|東京"]</label>[submit "送信"]""",
        ("お名前", "ご質問", "確認"),
        answers={"capital": "東京"},
    ),
    Definition(
        "a range",
        """<p>満足度（0〜10） [range* score min:0 max:10 step:1 "5"]</p>
<p>理由 [textarea reason]</p>[submit "送信"]""",
        ("満足度（0〜10）", "理由"),
        answers={"score": "7"},
    ),
    Definition(
        "recipients chosen by pipes",
        """<label>お名前 [text* your-name]</label><label>メール [email* your-email]</label>
<label>お問い合わせ先 [select* to-whom "営業部|sales@example.com" "サポート|support@example.com"]</label>
<label>内容 [textarea* your-message]</label>[submit "送信"]""",
        ("お名前", "メール", "お問い合わせ先", "内容"),
        mail="To: [to-whom]\nSubject: お問い合わせ\n\n[your-message]",
        notice_says=("回答 your-message",),
        told=("support@example.com",),
    ),
    Definition(
        "Japanese keys",
        """<p>お名前 [text* お名前]</p><p>ご連絡先 [email* メール]</p>
<p>ご用件 [textarea* ご用件]</p>[submit "送信"]""",
        ("お名前", "ご連絡先", "ご用件"),
        mail_2="To: [メール]\nSubject: 受付\n\n[お名前] 様\n[ご用件]",
        reply_says=("山田 太郎 様", "回答 ご用件"),
    ),
    Definition(
        "labels that name an id",
        """<div class="row"><label for="n">お名前</label><div>[text* your-name id:n]</div></div>
<div class="row"><label for="m">メールアドレス</label><div>[email* your-email id:m class:input]</div></div>
[submit id:send "送信"]""",
        ("お名前", "メールアドレス"),
    ),
    Definition(
        "words beside each other in blocks",
        """<div class="f"><div class="f-l">お名前<span class="req">必須</span></div>
<div class="f-i">[text* your-name]</div></div>
<div class="f"><div class="f-l">E-mail<span class="req">必須</span></div>
<div class="f-i">[email* your-email]<p class="note">※携帯のアドレスは受信設定をご確認ください</p></div></div>
<div class="f"><div class="f-l">備考</div><div class="f-i">[textarea note]</div></div>
<div>[submit "確認"]</div>""",
        ("お名前", "E-mail", "備考"),
    ),
    Definition(
        "headings and an introduction",
        """<h3>お問い合わせフォーム</h3>
<p>3営業日以内にご返信します。</p>
<p>お名前 [text* your-name]</p><p>メール [email* your-email]</p>
<h4>ご相談について</h4>
<p>内容 [textarea* your-message]</p>[submit "送信"]""",
        ("お名前", "メール", "内容"),
        left=("ご相談について",),
    ),
    Definition(
        "placeholders instead of labels",
        """[text* your-name placeholder "お名前"]
[email* your-email placeholder "メールアドレス"]
[textarea your-message placeholder]ご用件をお書きください[/textarea]
[submit "送信"]""",
        ("お名前", "メールアドレス", "ご用件をお書きください"),
    ),
    Definition(
        "hidden values and a member's address",
        """[hidden campaign "2026-spring"] [hidden utm default:get]
<label>お名前 [text* your-name]</label>
<label>メール [email* your-email default:user_email]</label>[submit "送信"]""",
        ("campaign", "utm", "お名前", "メール"),
    ),
    Definition(
        "newsletter with consent that may be refused",
        """<label>メールアドレス [email* your-email]</label>
[acceptance terms]利用規約に同意する[/acceptance]
[acceptance news optional default:on]お知らせメールを受け取る[/acceptance]
[submit "登録"]""",
        ("メールアドレス", "同意", "同意"),
        settings="acceptance_as_validation: on",
    ),
    Definition(
        "a member's form with captcha, Turnstile and a response",
        """[response]<label>会員番号 [text* member-no minlength:4 maxlength:8]</label>
<label>お名前 [text* your-name]</label>
[captchac captcha-1] [captchar captcha-1] [turnstile]
[submit "送信"]""",
        ("会員番号", "お名前"),
        left=("[response]", "[captchac captcha-1]", "[captchar captcha-1]", "[turnstile]"),
        settings="subscribers_only: true\nskip_mail: on",
        answers={"member-no": "12345"},
    ),
    Definition(
        "addresses asked for twice and copies",
        """<p>メールアドレス<br>[email* your-email]</p>
<p>メールアドレス（確認）<br>[email* your-email-confirm]</p>
<p>お名前<br>[text* your-name]</p>[submit "送信"]""",
        ("メールアドレス", "メールアドレス（確認）", "お名前"),
        mail="To: shop@example.com, info@example.com\nSubject: 問い合わせ\n"
        "Cc: boss@example.com\nX-Mailer: x\n\n[your-name]",
        told=("shop@example.com", "info@example.com", "boss@example.com"),
        left=("X-Mailer: x",),
    ),
    Definition(
        "names with dots and colons, and one twice",
        """<p>お名前 [text* customer.name]</p><p>電話 [tel tel:home]</p>
<p>候補日 [date day]</p><p>予備日 [date day]</p>[submit "送信"]""",
        ("お名前", "電話", "候補日", "予備日"),
    ),
    Definition(
        "escaped tags, comments and scripts",
        """<!-- <p>古い項目</p> --><script>track("form")</script><style>p { color: red }</style>
<p>ショートコード [[text your-name]] の説明はこちら</p>
<p>お名前 [text* your-name]</p>[submit "送信"]""",
        ("お名前",),
    ),
    Definition(
        "a salon: several dates, menus and a birthday",
        """<table>
<tr><th rowspan="2">ご希望日時</th><td>第1希望 [date* d1] [select t1 "午前" "午後"]</td></tr>
<tr><td>第2希望 [date d2] [select t2 "午前" "午後"]</td></tr>
<tr><th>メニュー</th><td>[checkbox* menu "カット" "カラー" "パーマ"]</td></tr>
<tr><th>生年月日</th><td>[date birthday max:today]</td></tr>
<tr><th>お名前</th><td>[text* your-name]</td></tr></table>[submit "予約"]""",
        (
            "ご希望日時 第1希望",
            "ご希望日時 第1希望",
            "ご希望日時 第2希望",
            "ご希望日時 第2希望",
            "メニュー",
            "生年月日",
            "お名前",
        ),
        answers={"birthday": "1990-04-01"},
    ),
    Definition(
        "a school's request for material with many addresses",
        """<h2>資料請求</h2>
<p>保護者氏名 [text* parent]</p><p>お子様の学年 [select* grade include_blank "小4" "小5" "小6"]</p>
<p>〒 [text* zip size:10]</p><p>住所 [text* addr 60/]</p><p>建物名 [text building 60/]</p>
<p>電話 [tel* tel]</p><p>メール [email* your-email]</p>
<p>希望資料 [select* papers multiple "入学案内" "過去問題" "学費"]</p>[submit "請求する"]""",
        ("保護者氏名", "お子様の学年", "〒", "住所", "建物名", "電話", "メール", "希望資料"),
    ),
    Definition(
        "mail tags of every kind, in HTML",
        """<label>お名前 [text* your-name]</label><label>メール [email* your-email]</label>
<label>日付 [date day]</label><label>内容 [textarea your-message]</label>[submit "送信"]""",
        ("お名前", "メール", "日付", "内容"),
        mail_2="To: [your-email]\nSubject: [_contact_form_title]\n\n【[_site_title]】[_raw_your-name] 様 "
        '[_format_day "Y/m/d"] [_serial_number] [_remote_ip] [[your-name]] [your-message]',
        reply_says=("山田 太郎 様", "[your-name]", "回答 your-message"),
        left=("[_remote_ip]",),
    ),
    Definition(
        "an unclosed tag and an unknown one",
        """<p>お名前 [text* your-name]</p><p>住所 [text address </p>
[group company-group]<p>会社 [text company]</p>[/group]<p>メール [email your-email]</p>[submit "送信"]""",
        ("お名前", "会社", "メール"),
        left=("[text address </p>", "[group company-group]"),
    ),
    Definition(
        "numbers with signs, limits that Kaiin lacks, lists of others",
        """<p>気温 [number temp min:-20 max:45 step:0.5]</p><p>曜日 [date day min:next_monday step:7]</p>
<p>国 [select country data:countries]</p>
<p>お名前 [text* your-name akismet:author list:names]</p>[submit "送信"]""",
        ("気温", "曜日", "お名前"),
        left=("min:next_monday", "[select country data:countries]", "list:names", "data:countries"),
        answers={"temp": "-2.5"},
    ),
)
