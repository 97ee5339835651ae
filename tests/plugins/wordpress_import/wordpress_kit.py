# ruff: noqa: E501 - tables and rows stand as they are there
"""A tiny WordPress site, made by hand: the same site as rows of MariaDB and as an export file.

The layouts follow WordPress 6.8, Flamingo 2.6, Contact Form 7 6.1, Jetpack CRM 6.4 and Paid
Memberships Pro 3.8. `SITE` says what it holds; tests count and read it back from Kaiin.
"""

import base64
import hashlib
import hmac
from xml.sax.saxutils import escape

import bcrypt

PASSWORD = "はる nopasswort 7"
ITOA64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SITE_URL = "https://www.tea.example"


def php(value):
    """Serialise as PHP does; lengths count bytes."""
    match value:
        case None:
            return "N;"
        case bool():
            return f"b:{int(value)};"
        case int():
            return f"i:{value};"
        case str():
            return f's:{len(value.encode())}:"{value}";'
        case dict():
            inner = "".join(php(key) + php(one) for key, one in value.items())
            return f"a:{len(value)}:{{{inner}}}"
        case list():
            return php(dict(enumerate(value)))
    raise TypeError(value)


def phpass(password, salt="abcdefgh", rounds=8):
    digest = hashlib.md5(salt.encode() + password.encode()).digest()
    for _round in range(1 << rounds):
        digest = hashlib.md5(digest + password.encode()).digest()
    signs = []
    for start in range(0, 16, 3):
        piece = digest[start : start + 3]
        number = int.from_bytes(piece, "little")
        signs += [ITOA64[(number >> (6 * place)) & 0x3F] for place in range(len(piece) + 1)]
    return f"$P${ITOA64[rounds]}{salt}{''.join(signs)}"


def wordpress_68(password):
    sent = base64.b64encode(hmac.digest(b"wp-sha384", password.strip().encode(), hashlib.sha384))
    return "$wp" + bcrypt.hashpw(sent, bcrypt.gensalt(4, b"2b")).decode().replace("$2b$", "$2y$")


def plain_bcrypt(password):
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4, b"2b")).decode().replace("$2b$", "$2y$")


def md5(password):
    return hashlib.md5(password.encode()).hexdigest()


def user(number, login, email, stored, role, name, first="", last="", **metas):
    return {
        "id": number, "login": login, "email": email, "pass": stored, "name": name,
        "registered": f"2021-04-{number:02d} 01:02:03",
        "metas": {"first_name": first, "last_name": last, "wp_capabilities": php({role: True}), **metas},
    }  # fmt: skip


USERS = [
    user(1, "admin", "owner@tea.example", phpass("admin-secret"), "administrator", "店主"),
    user(2, "hanako", "Hanako.Yamada@example.jp", phpass(PASSWORD), "subscriber", "山田 花子", "花子", "山田",
         billing_phone="090-1234-5678", billing_postcode="1000001", billing_state="JP13",
         billing_city="千代田区", billing_address_1="千代田1-1", billing_company="山田商店",
         billing_yomigana_last_name="ヤマダ", billing_yomigana_first_name="ハナコ"),
    user(3, "ichiro", "ichiro@example.jp", wordpress_68(PASSWORD), "subscriber", "鈴木 一郎"),
    user(4, "jiro", "jiro@example.jp", plain_bcrypt(PASSWORD), "customer", "田中次郎", "次郎", "田中"),
    user(5, "saburo", "saburo@example.jp", md5(PASSWORD), "subscriber", "Saburo Sato"),
    user(6, "old", "old@example.jp", "$unknown$", "subscriber", "旧友 葉子"),
]  # fmt: skip
ADDRESS_BOOK = [
    {"id": 101, "email": "ichiro@example.jp", "name": "鈴木 一郎", "props": {"first_name": "一郎", "last_name": "鈴木"},
     "tags": ["茶会"]},
    {"id": 102, "email": "mina@example.jp", "name": "佐藤 美奈", "props": {"department": "総務"}, "tags": ["茶会", "VIP客"]},
]  # fmt: skip
FORM_TEXT = (
    "<label> お名前\n    [text* your-name] </label>\n\n<label> メールアドレス\n    [email* your-email] </label>\n\n"
    "<label> 内容\n    [textarea your-message] </label>\n\n[checkbox wish \"煎茶\" \"抹茶\"]\n\n"
    "[acceptance agree]個人情報の取り扱いに同意します。[/acceptance]\n\n[submit \"送信\"]"
)  # fmt: skip
FORM = {
    "id": 201, "title": "お問い合わせ", "slug": "contact-form-1",
    "metas": {
        "_form": FORM_TEXT,
        "_mail": php({"active": True, "subject": "[_site_title] \"[your-subject]\"", "sender": "wp@tea.example",
                      "recipient": "shop@tea.example", "body": "[your-name] 様\n[your-message]",
                      "additional_headers": "Reply-To: [your-email]"}),
        "_messages": php({"mail_sent_ok": "ありがとうございます。届きました。"}),
        "_additional_settings": "", "_locale": "ja",
    },
}  # fmt: skip


def message(number, status, name, email, text, channel, **fields):
    given = {"your-name": name, "your-email": email, "your-message": text, **fields}
    return {
        "id": number, "status": status, "subject": "お茶について", "channel": channel,
        "date": "2022-05-06 09:00:00", "gmt": "2022-05-06 00:00:00",
        "metas": {
            "_submission_status": "mail_sent", "_subject": "お茶について", "_from": f"{name} <{email}>",
            "_from_name": name, "_from_email": email, "_fields": php(dict.fromkeys(given)),
            **{f"_field_{key.lower()}": php(v) if isinstance(v, list) else v for key, v in given.items()},
            "_meta": php({"remote_ip": "192.0.2.7", "url": f"{SITE_URL}/contact/", "user_agent": "Firefox"}),
            "_consent": php({"agree": "個人情報の取り扱いに同意します。"} if "agree" in given else {}),
        },
    }  # fmt: skip


OWN, OTHER = ("contact-form-1", "お問い合わせ"), ("reserve", "予約")
MESSAGES = [
    message(301, "publish", "山田 花子", "hanako.yamada@example.jp", "新茶はいつですか。\n楽しみです🍵", OWN,
            wish=["煎茶", "抹茶"], agree="1"),
    message(302, "publish", "渡辺 健", "ken@example.jp", "見学したいです。", OTHER),
    message(303, "flamingo-spam", "Buy now", "spam@example.com", "cheap http://spam.example", OWN),
    message(304, "trash", "誤送信", "oops@example.jp", "間違えました", OWN),
]  # fmt: skip
COMPANIES = [{"ID": 11, "name": "株式会社青葉", "email": "info@aoba.example", "maintel": "03-1234-5678",
              "county": "東京都", "city": "港区", "postcode": "105-0001", "status": "Customer"}]  # fmt: skip
CRM_CONTACTS = [
    {"ID": 21, "email": "aoki@aoba.example", "fname": "誠", "lname": "青木", "status": "Customer",
     "mobtel": "080-1111-2222", "worktel": "03-1234-5678", "county": "東京都", "city": "港区",
     "addr1": "虎ノ門1-1", "postcode": "105-0001", "tw": "aoki_tea", "company": 11, "tags": ["取引先"],
     "alias": "makoto@example.jp", "own": {"first-tea": "玉露"}},
    {"ID": 22, "email": "", "fname": "花子", "lname": "山田", "status": "Lead", "wpid": 2},
]  # fmt: skip
LOGS = [
    {"ID": 31, "objtype": 1, "objid": 21, "type": "Call", "short": "納期の件で電話", "long": "<p>来週と回答。</p><p>了承。</p>", "pinned": 1},
    {"ID": 32, "objtype": 1, "objid": 22, "type": "Contact Created", "short": "作成", "long": "", "pinned": -1},
    {"ID": 33, "objtype": 2, "objid": 11, "type": "Note", "short": "与信確認済み", "long": "", "pinned": -1},
]  # fmt: skip
LEVELS = [
    {"id": 1, "name": "緑茶会員", "description": "<p>毎月のお茶</p>"},
    {"id": 2, "name": "抹茶会員", "description": ""},
]
MEMBERSHIPS = [
    {"id": 41, "user": 2, "level": 1, "status": "expired", "start": "2021-04-02 00:00:00", "end": "2022-03-31 23:59:59"},
    {"id": 42, "user": 2, "level": 2, "status": "active", "start": "2022-04-01 00:00:00", "end": "0000-00-00 00:00:00"},
    {"id": 43, "user": 3, "level": 1, "status": "active", "start": "2024-01-10 00:00:00", "end": "2099-01-09 00:00:00"},
    {"id": 44, "user": 4, "level": 1, "status": "pending", "start": "2024-01-10 00:00:00", "end": None},
]  # fmt: skip
ORDERS = [{"id": 51, "user": 2, "level": 2, "code": "A1B2C3", "total": "3000.00", "status": "success",
           "gateway": "stripe", "at": "2022-04-01 01:00:00"}]  # fmt: skip

SCHEMA = """
CREATE TABLE {p}options (option_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, option_name varchar(191) NOT NULL DEFAULT '' UNIQUE,
 option_value longtext NOT NULL, autoload varchar(20) NOT NULL DEFAULT 'yes');
CREATE TABLE {p}posts (ID bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, post_author bigint unsigned NOT NULL DEFAULT 0,
 post_date datetime NOT NULL DEFAULT '0000-00-00 00:00:00', post_date_gmt datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
 post_content longtext NOT NULL, post_title text NOT NULL, post_status varchar(20) NOT NULL DEFAULT 'publish',
 post_name varchar(200) NOT NULL DEFAULT '', post_type varchar(20) NOT NULL DEFAULT 'post', KEY type_status_date (post_type,post_status,post_date,ID));
CREATE TABLE {p}postmeta (meta_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id bigint unsigned NOT NULL DEFAULT 0,
 meta_key varchar(255) DEFAULT NULL, meta_value longtext, KEY post_id (post_id), KEY meta_key (meta_key(191)));
CREATE TABLE {p}terms (term_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(200) NOT NULL DEFAULT '', slug varchar(200) NOT NULL DEFAULT '');
CREATE TABLE {p}term_taxonomy (term_taxonomy_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, term_id bigint unsigned NOT NULL DEFAULT 0,
 taxonomy varchar(32) NOT NULL DEFAULT '', parent bigint unsigned NOT NULL DEFAULT 0);
CREATE TABLE {p}term_relationships (object_id bigint unsigned NOT NULL DEFAULT 0, term_taxonomy_id bigint unsigned NOT NULL DEFAULT 0,
 PRIMARY KEY (object_id, term_taxonomy_id));
"""
USERS_SCHEMA = """
CREATE TABLE {p}users (ID bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, user_login varchar(60) NOT NULL DEFAULT '',
 user_pass varchar(255) NOT NULL DEFAULT '', user_nicename varchar(50) NOT NULL DEFAULT '', user_email varchar(100) NOT NULL DEFAULT '',
 user_registered datetime NOT NULL DEFAULT '0000-00-00 00:00:00', display_name varchar(250) NOT NULL DEFAULT '');
CREATE TABLE {p}usermeta (umeta_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id bigint unsigned NOT NULL DEFAULT 0,
 meta_key varchar(255) DEFAULT NULL, meta_value longtext, KEY user_id (user_id), KEY meta_key (meta_key(191)));
"""
_TEXTS = lambda prefix, names: ", ".join(f"{prefix}{name} varchar(300) NULL" for name in names.split())  # noqa: E731
_ADDRESS = (
    "addr1 addr2 city county country postcode secaddr1 secaddr2 seccity seccounty seccountry secpostcode"
)
CRM_SCHEMA = f"""
CREATE TABLE {{p}}zbs_contacts (ID int NOT NULL AUTO_INCREMENT PRIMARY KEY, zbs_owner int NOT NULL DEFAULT -1,
 {_TEXTS("zbsc_", f"status email prefix fname lname {_ADDRESS} hometel worktel mobtel avatar tw li fb")},
 zbsc_wpid int NULL, zbsc_created int NOT NULL, zbsc_lastupdated int NOT NULL, zbsc_lastcontacted int NULL);
CREATE TABLE {{p}}zbs_companies (ID int NOT NULL AUTO_INCREMENT PRIMARY KEY, zbs_owner int NOT NULL DEFAULT -1,
 {_TEXTS("zbsco_", f"status name email {_ADDRESS} maintel sectel avatar tw li fb")},
 zbsco_wpid int NULL, zbsco_created int NOT NULL, zbsco_lastupdated int NOT NULL, zbsco_lastcontacted int NULL);
CREATE TABLE {{p}}zbs_customfields (ID int NOT NULL AUTO_INCREMENT PRIMARY KEY, zbs_owner int NOT NULL DEFAULT -1, zbscf_objtype int NOT NULL,
 zbscf_objid int NOT NULL, zbscf_objkey varchar(100) NOT NULL, zbscf_objval varchar(2000) NULL, zbscf_created int NOT NULL DEFAULT 0, zbscf_lastupdated int NOT NULL DEFAULT 0);
CREATE TABLE {{p}}zbs_tags (ID int NOT NULL AUTO_INCREMENT PRIMARY KEY, zbs_owner int NOT NULL DEFAULT -1, zbstag_objtype int NOT NULL,
 zbstag_name varchar(200) NOT NULL, zbstag_slug varchar(200) NOT NULL);
CREATE TABLE {{p}}zbs_tags_links (ID int NOT NULL AUTO_INCREMENT PRIMARY KEY, zbs_owner int NOT NULL DEFAULT -1, zbstl_objtype int NOT NULL,
 zbstl_objid int NOT NULL, zbstl_tagid int NOT NULL);
CREATE TABLE {{p}}zbs_aka (ID int NOT NULL AUTO_INCREMENT PRIMARY KEY, aka_type int NULL, aka_id int NOT NULL, aka_alias varchar(200) NOT NULL);
CREATE TABLE {{p}}zbs_object_links (ID int NOT NULL AUTO_INCREMENT PRIMARY KEY, zbs_owner int NOT NULL DEFAULT -1, zbsol_objtype_from int NOT NULL,
 zbsol_objtype_to int NOT NULL, zbsol_objid_from int NOT NULL, zbsol_objid_to int NOT NULL);
CREATE TABLE {{p}}zbs_logs (ID int NOT NULL AUTO_INCREMENT PRIMARY KEY, zbs_owner int NOT NULL DEFAULT -1, zbsl_objtype int NOT NULL,
 zbsl_objid int NOT NULL, zbsl_type varchar(200) NOT NULL, zbsl_shortdesc varchar(300) NULL, zbsl_longdesc longtext NULL,
 zbsl_pinned int NULL, zbsl_created int NOT NULL, zbsl_lastupdated int NOT NULL DEFAULT 0);
"""
LEVELS_SCHEMA = """
CREATE TABLE {p}pmpro_membership_levels (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(255) NOT NULL, description longtext NOT NULL,
 confirmation longtext NOT NULL, initial_payment decimal(18,8) NOT NULL DEFAULT 0, billing_amount decimal(18,8) NOT NULL DEFAULT 0,
 cycle_number int NOT NULL DEFAULT 0, allow_signups tinyint NOT NULL DEFAULT 1, expiration_number int unsigned NOT NULL DEFAULT 0);
CREATE TABLE {p}pmpro_memberships_users (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id bigint unsigned NOT NULL,
 membership_id int unsigned NOT NULL, code_id bigint unsigned NOT NULL DEFAULT 0, status varchar(20) NOT NULL DEFAULT 'active',
 startdate datetime NOT NULL, enddate datetime DEFAULT NULL, modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE {p}pmpro_membership_orders (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, code varchar(32) NOT NULL, user_id bigint unsigned NOT NULL,
 membership_id int unsigned NOT NULL, total varchar(16) NOT NULL DEFAULT '', status varchar(32) NOT NULL DEFAULT '', gateway varchar(64) NOT NULL DEFAULT '',
 `timestamp` datetime NOT NULL);
"""


def posts():
    """Yield every post with its metas and terms, as both forms of the site need them."""
    for entry in ADDRESS_BOOK:
        metas = {"_email": entry["email"], "_name": entry["name"], "_props": php(entry["props"]),
                 "_last_contacted": "2022-05-06 09:00:00"}  # fmt: skip
        terms = [("flamingo_contact_tag", tag, tag) for tag in entry["tags"]]
        yield entry["id"], "flamingo_contact", entry["email"], "", "publish", None, metas, terms
    yield FORM["id"], "wpcf7_contact_form", FORM["title"], FORM["slug"], "publish", None, FORM["metas"], []
    for entry in MESSAGES:
        terms = [("flamingo_inbound_channel", *entry["channel"])]
        dates = (entry["date"], entry["gmt"])
        yield (
            entry["id"],
            "flamingo_inbound",
            entry["subject"],
            "",
            entry["status"],
            dates,
            entry["metas"],
            terms,
        )


USUAL_DATES = ("2022-01-02 09:00:00", "2022-01-02 00:00:00")


def fill_database(cursor, prefix="wp_", *, users_prefix=None, url=SITE_URL, with_crm=True, with_levels=True):
    """Make the tables and rows of the site."""
    run = cursor.execute
    run("SET SESSION sql_mode = ''")
    users = users_prefix or prefix
    schema = SCHEMA.format(p=prefix) + (CRM_SCHEMA.format(p=prefix) if with_crm else "")
    schema += LEVELS_SCHEMA.format(p=prefix) if with_levels else ""
    schema += USERS_SCHEMA.format(p=users) if users == prefix else ""
    for statement in filter(str.strip, schema.split(";\n")):
        run(f"{statement} DEFAULT CHARSET=utf8mb4")
    run(
        f"INSERT INTO {prefix}options (option_name, option_value) VALUES ('siteurl', %s), ('home', %s)",
        (url, url),
    )
    if users == prefix:
        _fill_users(run, users)
    _fill_posts(run, prefix)
    if with_crm:
        _fill_crm(run, prefix)
    if with_levels:
        _fill_levels(run, prefix)


def _insert(run, table, row):
    names, marks = ", ".join(f"`{name}`" for name in row), ", ".join(["%s"] * len(row))
    run(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))


def _fill_users(run, prefix):
    for one in USERS:
        _insert(run, f"{prefix}users", {
            "ID": one["id"], "user_login": one["login"], "user_pass": one["pass"], "user_email": one["email"],
            "user_registered": one["registered"], "display_name": one["name"]})  # fmt: skip
        for key, value in one["metas"].items():
            row = {"user_id": one["id"], "meta_key": key, "meta_value": value}
            _insert(run, f"{prefix}usermeta", row)


def _fill_posts(run, prefix):
    terms = {}
    for number, kind, title, slug, status, dates, metas, its in posts():
        date, gmt = dates or USUAL_DATES
        _insert(run, f"{prefix}posts", {
            "ID": number, "post_type": kind, "post_title": title, "post_name": slug, "post_status": status,
            "post_date": date, "post_date_gmt": gmt, "post_content": ""})  # fmt: skip
        for key, value in metas.items():
            _insert(run, f"{prefix}postmeta", {"post_id": number, "meta_key": key, "meta_value": value})
        for term in its:
            if term not in terms:
                place = terms[term] = len(terms) + 1
                _insert(run, f"{prefix}terms", {"term_id": place, "slug": term[1], "name": term[2]})
                _insert(run, f"{prefix}term_taxonomy",
                        {"term_taxonomy_id": place, "term_id": place, "taxonomy": term[0]})  # fmt: skip
            _insert(
                run, f"{prefix}term_relationships", {"object_id": number, "term_taxonomy_id": terms[term]}
            )


def _fill_crm(run, prefix):
    apart = ("company", "tags", "alias", "own")
    for one in COMPANIES:
        row = {"ID": one["ID"], **{f"zbsco_{k}": v for k, v in one.items() if k != "ID"}}
        _insert(run, f"{prefix}zbs_companies", {**row, "zbsco_created": 1600000000, "zbsco_lastupdated": 1})
    for one in CRM_CONTACTS:
        row = {f"zbsc_{k}": v for k, v in one.items() if k not in (*apart, "ID")}
        row |= {"ID": one["ID"], "zbsc_created": 1600000000, "zbsc_lastupdated": 1}
        _insert(run, f"{prefix}zbs_contacts", row)
        if "company" in one:
            _insert(run, f"{prefix}zbs_object_links", {
                "zbsol_objtype_from": 1, "zbsol_objtype_to": 2, "zbsol_objid_from": one["ID"],
                "zbsol_objid_to": one["company"]})  # fmt: skip
        for place, tag in enumerate(one.get("tags", ()), 1):
            row = {"ID": place, "zbstag_objtype": 1, "zbstag_name": tag, "zbstag_slug": tag}
            _insert(run, f"{prefix}zbs_tags", row)
            link = {"zbstl_objtype": 1, "zbstl_objid": one["ID"], "zbstl_tagid": place}
            _insert(run, f"{prefix}zbs_tags_links", link)
        if "alias" in one:
            _insert(run, f"{prefix}zbs_aka", {"aka_type": 1, "aka_id": one["ID"], "aka_alias": one["alias"]})
        for key, value in one.get("own", {}).items():
            row = {"zbscf_objtype": 1, "zbscf_objid": one["ID"], "zbscf_objkey": key, "zbscf_objval": value}
            _insert(run, f"{prefix}zbs_customfields", row)
    for one in LOGS:
        _insert(run, f"{prefix}zbs_logs", {
            "ID": one["ID"], "zbsl_objtype": one["objtype"], "zbsl_objid": one["objid"], "zbsl_type": one["type"],
            "zbsl_shortdesc": one["short"], "zbsl_longdesc": one["long"], "zbsl_pinned": one["pinned"],
            "zbsl_created": 1650000000})  # fmt: skip


def _fill_levels(run, prefix):
    for one in LEVELS:
        _insert(run, f"{prefix}pmpro_membership_levels", {**one, "confirmation": ""})
    for one in MEMBERSHIPS:
        _insert(run, f"{prefix}pmpro_memberships_users", {
            "id": one["id"], "user_id": one["user"], "membership_id": one["level"], "status": one["status"],
            "startdate": one["start"], "enddate": one["end"]})  # fmt: skip
    for one in ORDERS:
        _insert(run, f"{prefix}pmpro_membership_orders", {
            "id": one["id"], "user_id": one["user"], "membership_id": one["level"], "code": one["code"],
            "total": one["total"], "status": one["status"], "gateway": one["gateway"], "timestamp": one["at"]})  # fmt: skip


def write_wxr(*, users=USERS, some=None, url=SITE_URL):
    """Return the site as an export file."""

    def cdata(text):
        return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"

    parts = ['<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0"'
             ' xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
             ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">\n<channel>'
             f"<title>お茶の店</title><link>{url}</link><wp:wxr_version>1.2</wp:wxr_version>"
             f"<wp:base_site_url>{url}</wp:base_site_url><wp:base_blog_url>{url}</wp:base_blog_url>"]  # fmt: skip
    for one in users:
        parts.append(
            f"<wp:author><wp:author_id>{one['id']}</wp:author_id><wp:author_login>{cdata(one['login'])}</wp:author_login>"
            f"<wp:author_email>{cdata(one['email'])}</wp:author_email>"
            f"<wp:author_display_name>{cdata(one['name'])}</wp:author_display_name>"
            f"<wp:author_first_name>{cdata(one['metas']['first_name'])}</wp:author_first_name>"
            f"<wp:author_last_name>{cdata(one['metas']['last_name'])}</wp:author_last_name></wp:author>"
        )
    for number, kind, title, slug, status, dates, metas, terms in some or posts():
        date, gmt = dates or USUAL_DATES
        its = "".join(
            f'<category domain="{t}" nicename="{escape(s)}">{cdata(n)}</category>' for t, s, n in terms
        )
        rows = "".join(
            f"<wp:postmeta><wp:meta_key>{cdata(key)}</wp:meta_key><wp:meta_value>{cdata(value)}</wp:meta_value></wp:postmeta>"
            for key, value in metas.items()
        )
        parts.append(
            f"<item><title>{cdata(title)}</title><dc:creator>{cdata('admin')}</dc:creator>"
            f"<content:encoded>{cdata('unused')}</content:encoded><wp:post_id>{number}</wp:post_id>"
            f"<wp:post_date>{cdata(date)}</wp:post_date><wp:post_date_gmt>{cdata(gmt)}</wp:post_date_gmt>"
            f"<wp:post_name>{cdata(slug)}</wp:post_name><wp:status>{cdata(status)}</wp:status>"
            f"<wp:post_type>{cdata(kind)}</wp:post_type>{its}{rows}</item>"
        )
    return ("\n".join(parts) + "</channel></rss>").encode()
