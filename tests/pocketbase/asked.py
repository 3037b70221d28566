"""What is asked of the lists: the filters of `filters.txt`, some at the limits, and all that is no filter."""

SIGNS = str.maketrans("⏎⇥␍⍽", "\n\t\r\u00a0")


def filters(path):
    """Rows `(about, collection, filter)` of the file, then those that are too long to be written down."""
    collection, about = None, None
    # Only line feeds end a line: some of the texts hold what Python takes for another ending.
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("[") and line.endswith("]") and " / " in line:
            collection, about = line[1:-1].split(" / ", 1)
        elif line and collection:
            yield about, collection, line.translate(SIGNS)
    for text in at_the_limits():
        yield "limits", "images", text


def at_the_limits():
    longest = "title = '" + "x" * 3490 + "'"
    yield longest
    yield longest[:-1] + "x'"
    yield "title = '" + "ü" * 1745 + "'"
    yield "title = '" + "ü" * 1746 + "'"
    yield " " * 3483 + "title = 'Alpha'"
    yield " " * 3486 + "title = 'Alpha'"
    for comparisons in (200, 201):
        yield "||".join(["title='Beta'"] * comparisons)
        yield "&&".join(["id!=''"] * comparisons)
    for depth in (100, 1000):
        yield "(" * depth + "title = 'Alpha'" + ")" * depth
    yield "(id != '' && " * 100 + "title = 'Alpha'" + ")" * 100
    yield "title = 'a\0'"
    yield "\0title = 'Alpha'"


def ordered_by(collection, *sorts, **rest):
    return [("sort", collection, {"sort": sort, **rest}) for sort in sorts]


EIGHT_KEYS = "batch_number,model,url,prompt,request_id,title,updated,id"

SORTS = [
    *ordered_by(
        "images", "created", "-created", "+created", "updated,id", "id", "-id", "title,id", "-title,id",
        "title:lower,id", "-title:lower,-id", "batch_number,-created", "-batch_number, id",
        " batch_number , -created ", "model,-batch_number,id", "deleted_at,id", "-deleted_at,-id", "folder_id,id",
        "folder_id.name,id", "-folder_id.name,id", "folder_id.parent_id.name,id", "folder_id.private,id",
        "user_id,id", "user_id.name,id", "user_id.email,id", "image_size,id", "-image_size,id", "image_size.width,id",
        "-image_size.width,id", "other_info.cost,-id", "-other_info.seed,id", "other_info.tags.0,id",
        "other_info.nope,id", "@rowid", "-@rowid", "@random", "created,-created", "id,id", EIGHT_KEYS, "prompt,id,id",
        "request_id,id", "folder_id:length,id", "title:length,id", "title:each,id", "batch_number:lower,id",
    ),
    *ordered_by(
        "images", EIGHT_KEYS + ",created", "created,", ",created", "created,,id", ",", "--created", "-", "+-created",
        "created desc", "created DESC", "Created", "nope", "-nope", "created,nope", "tokenKey", "user_id.tokenKey",
        "user_id.password", "@now", "@request.auth.id", "@collection.images.id", "collectionName", "collectionId",
        "expand", "rowid", "random()", "@random()", "1", "'created'", "created;DROP TABLE images", "(created)",
        "created)", "title:isset", "title:upper", "title:", "image_size.", "folder_id.nope",
        "folder_id.images_via_folder_id.title", "x" * 255, "x" * 256, "images.created", "created\n", "created\t, id",
    ),
    *ordered_by(
        "folders", "name,id", "-name,id", "name:lower,-id", "private,-name,id", "-private,name,id",
        "parent_id.name,id", "-parent_id.parent_id.name,id", "parent_id,-created", "images_via_folder_id.title,id",
        "images_via_folder_id:length,id", "folders_via_parent_id.name,id",
    ),
    *ordered_by(
        "generatio_users", "name", "-email", "tokenKey", "password", "model_preferences:length",
        "model_preferences.model_name", "emailVisibility", "images_via_user_id.title",
    ),
    *ordered_by(
        "model_preferences", "model_name", "-preferences.steps,id", "preferences,id",
        "generatio_users_via_model_preferences.name,id",
    ),
    ("sort", "images", {}),
    ("sort", "images", {"sort": ""}),
    ("sort", "images", {"sort": " "}),
]


def paged(**query):
    return "paging", "images", {"sort": "-created", **query}


PAGES = [
    *[paged(page=page, perPage="5") for page in ("1", "2", "12", "13", "14", "99", "0", "-1", "-99")],
    *[
        paged(page=page)
        for page in (
            "", "1.5", "abc", "1e3", "+1", " 1", "0x1", "null", "9223372036854775807", "9223372036854775808", "1,2",
        )
    ],
    *[
        paged(perPage=per_page)
        for per_page in (
            "1", "63", "64", "65", "1000", "1001", "5000", "0", "-1", "", "1.5", "abc", "1e1", "+5",
            "9223372036854775808",
        )
    ],
    *[
        paged(skipTotal=flag, perPage="2")
        for flag in (
            "1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False", "", "yes", "no", "2",
            "-1", "tRUE", "null", " 1",
        )
    ],
    paged(page="99", skipTotal="1"),
    paged(page="2", perPage="500", skipTotal="1"),
    paged(page="1", perPage="1", filter="title = 'no such picture'", skipTotal="1"),
    paged(page="1", perPage="1", filter="title = 'Alpha'", skipTotal="1"),
    paged(page="2", perPage="3", filter="deleted_at != ''"),
    paged(page="2", perPage="3", filter="deleted_at != ''", skipTotal="true"),
    paged(perPage="2", filter=""),
    paged(perPage="2", expand="", fields=""),
    paged(perPage="2", unknown="x", q="y", search="", Filter="title = 'Alpha'"),
    paged(perPage="2", page="1", filter="folder_id = '' && deleted_at = null"),
    paged(perPage="0", page="0", filter="title ~ 'a'", skipTotal="1"),
]

# Strings that are sent as they stand.
RAW = [
    ("raw query", "images", text)
    for text in (
        "sort=-created&perPage=2&page=2&page=3", "sort=-created&sort=created&perPage=2", "sort=%2Bcreated&perPage=2",
        "sort=+created&perPage=2", "sort=-created&filter=title='Alpha'%26%26batch_number=0",
        "sort=-created&filter=title+=+'alphabet+soup'", "sort=-created&filter=title+%3D+%27alphabet%2Bsoup%27",
        "sort=-created&filter=title='Alpha'&&batch_number=4", "sort=-created&filter=title%3D%22%C3%85ngstr%C3%B6m%22",
        "sort=-created&filter=title%3D%22%C3%28%22", "sort=-created&perPage=2&filter=%",
        "sort=-created&perPage=2&filter=title%3D%zz", "sort=-created&perPage=2;page=2",
        "sort=-created&perPage=2&filter", "sort=-created&perPage=2&=x&&", "sort[]=-created&perPage=2",
        "filter=title='nope'&filter=title='Alpha'&sort=-created",
        "filter=&filter=title='Alpha'&sort=-created&perPage=2", "sort=-created&perPage=2&%70age=2",
        "SORT=-created&PERPAGE=2&sort=id",
    )
]


def shown(collection, row, **query):
    return "fields and expand", collection, {"filter": f"id = '{row}'", **query}


# A picture with JSON objects and an array in a folder three deep, one without a folder, and folders to go with them.
DEEP, LOOSE = "wimgann00xx0070", "aimgann00xx0000"
ITALY, HOLIDAYS, EMPTY = "qfitaly00000003", "wfholidays00001", "kfnoname0000006"
ANN = "userann00000001"

FIELDS = [
    *[
        shown("images", DEEP, fields=fields)
        for fields in (
            "id", "id,title", " id , title ", "*", "*,id", "id,nope", "nope", "id,,title", ",", "ID", "id title",
            "collectionId,collectionName", "created,updated,deleted_at", "other_info", "other_info.cost",
            "other_info.parameters.steps", "other_info.tags", "other_info.tags.0", "other_info.*",
            "other_info.parameters.*,id", "other_info.nope", "other_info.cost.x", "id.x",
            "image_size.width,image_size.height", "title.x", "prompt:excerpt(5)", "prompt:excerpt(5,true)",
            "prompt:excerpt(5,false)", "*,prompt:excerpt(5,true)", "prompt:excerpt(500,true)", "prompt:excerpt(0)",
            "prompt:excerpt(0,true)", "id,batch_number:excerpt(3)", "prompt:excerpt", "prompt:excerpt()",
            "prompt:excerpt(x)", "prompt:excerpt(-1)", "prompt:excerpt(3,maybe)", "prompt:excerpt(3, true)",
            "prompt:excerpt(3,true,1)", "prompt:excerpt(3):excerpt(2)", "prompt:nope", "prompt:lower", "prompt:",
            ":excerpt(3)", "*:excerpt(3)", "other_info:excerpt(3)", "created:excerpt(4)", "expand",
            "expand.folder_id.name", "tokenKey,user_id", "items", "items.id", "page", "id,*", "title,*",
            "*,title:excerpt(3,true)",
        )
    ],
    *[
        shown("images", DEEP, expand="folder_id", fields=fields)
        for fields in (
            "expand.folder_id.name", "id,expand.folder_id.name,expand.folder_id.id", "*,expand.folder_id.name",
            "id,expand.*", "id,expand", "id,expand.folder_id", "expand.folder_id.*", "id,expand.user_id.name",
            "id,expand.folder_id.expand", "expand.folder_id.name:excerpt(2,true)", "folder_id.name,id",
        )
    ],
    ("fields and expand", "images", {"filter": "title ~ '<b>'", "fields": "title,title:excerpt(6,true)"}),
    ("fields and expand", "images", {"filter": "title ~ '<b>'", "fields": "title:excerpt(6,true)"}),
    ("fields and expand", "images", {"filter": "title ~ '<b>'", "fields": "title:excerpt(60)"}),
    ("fields and expand", "images", {"filter": "title = 'line\nbreak'", "fields": "title:excerpt(60)"}),
    ("fields and expand", "images", {"filter": "title = '日本の城'", "fields": "title:excerpt(2,true)"}),
    shown("images", DEEP, expand="folder_id.parent_id", fields="id,expand.folder_id.expand.parent_id.name"),
    shown("folders", ITALY, expand="images_via_folder_id", fields="id,expand.images_via_folder_id.id"),
    shown("folders", ITALY, expand="images_via_folder_id", fields="id,expand.images_via_folder_id.*"),
    shown("generatio_users", ANN, fields="id,email,name,tokenKey,password,passwordHash"),
    shown("generatio_users", ANN, fields="*"),
    shown("model_preferences", "prefrecraft0003", fields="preferences.colors.r"),
    shown("model_preferences", "prefrecraft0003", fields="preferences.colors.0.r,preferences.style"),
]

EXPANDS = [
    shown("images", DEEP, expand="folder_id", fields="*,expand.*"),
    *[
        shown("images", DEEP, expand=expand)
        for expand in (
            "folder_id", "user_id", "folder_id,user_id", " folder_id , user_id ", "folder_id.parent_id",
            "folder_id.parent_id.parent_id", "folder_id.parent_id.parent_id.parent_id",
            "folder_id,folder_id.parent_id", "folder_id.user_id", "user_id.model_preferences", "nope", "title",
            "folder_id.nope", "nope,folder_id", "folder_id,", ",", "folder_id..parent_id", "folder_id.", "Folder_id",
            "id", "folder_id.parent_id.parent_id.parent_id.parent_id.parent_id.parent_id", "other_info.tags",
            "folder_id.name", "expand.folder_id", "folder_id.folders_via_parent_id", "@request.auth",
            "images_via_folder_id", "folder_id:lower", "*",
        )
    ],
    *[
        shown("images", LOOSE, expand=expand)
        for expand in ("folder_id", "folder_id,user_id", "nope", "folder_id.parent_id", "")
    ],
    *[
        shown("folders", row, expand=expand, fields=fields)
        for row, expand, fields in (
            (ITALY, "images_via_folder_id", "id,expand.images_via_folder_id.id,expand.images_via_folder_id.title"),
            (HOLIDAYS, "folders_via_parent_id", "*,expand.folders_via_parent_id"),
            (HOLIDAYS, "folders_via_parent_id.folders_via_parent_id", "id,expand"),
            (HOLIDAYS, "folders_via_parent_id,parent_id,user_id", "id,expand"),
            (EMPTY, "folders_via_parent_id", "id,expand"),
            (EMPTY, "parent_id.folders_via_parent_id", "id,expand"),
            (ITALY, "images_via_nope", "id,expand"),
            (ITALY, "images_via_user_id", "id,expand"),
        )
    ],
    shown("folders", ITALY, expand="parent_id.parent_id"),
    shown("folders", EMPTY, expand="folders_via_parent_id"),
    shown("folders", HOLIDAYS, expand="parent_id"),
    *[
        shown("generatio_users", ANN, expand=expand)
        for expand in ("model_preferences", "model_preferences.generatio_users_via_model_preferences", "folders_via_user_id.nope")
    ],
    shown("generatio_users", ANN, expand="folders_via_user_id", fields="id,expand.folders_via_user_id.id"),
    shown("model_preferences", "prefluxdev00001", expand="generatio_users_via_model_preferences"),
    ("fields and expand", "images", {"sort": "-created", "perPage": "3", "expand": "folder_id"}),
    ("fields and expand", "images", {"sort": "-created", "perPage": "3", "expand": "folder_id", "fields": "id,expand.folder_id.name"}),
    ("fields and expand", "images", {"sort": "title,id", "perPage": "3", "fields": "title,id", "skipTotal": "1"}),
]


def others():
    """Rows `(about, collection, query)`; a query that is a string goes as it stands."""
    return [*SORTS, *PAGES, *RAW, *FIELDS, *EXPANDS]
