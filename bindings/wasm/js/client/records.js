// Pictures and folders, which are records in PocketBase's way, and preferences.

import { GeneratioError } from "../errors.js";
import { checkedAddress, checkedId } from "./job.js";
import { Exact, plain } from "./json.js";
import { count, decimal, flag, id, list, object, optional, someMoney, text, time } from "./shape.js";

/** @import { RequestOptions, Folder, Folders, Page, Picture, PictureQuery, Pictures, Preferences, RefusedAddress } from "../client.js" */
/** @import { Connection } from "./http.js" */
/** @import { Json } from "./shape.js" */

/** Folders are asked for in pages of as many as a server gives, up to as many as it keeps. */
const FOLDERS_A_PAGE = 1000;
const MOST_FOLDERS = 10_000;

/** @type {(collection: string, record?: string) => string} */
const path = (collection, record) =>
  `/api/collections/${collection}/records${record === undefined ? "" : `/${checkedId(record)}`}`;

/** @param {boolean} trashed */
const inTrash = (trashed) => (trashed ? "deleted_at != ''" : "deleted_at = ''");

/**
 * A text within a filter.
 *
 * @param {string} value
 */
function quoted(value) {
  return `'${String(value).replace(/[\\']/g, "\\$&")}'`;
}

/** @type {(c: Connection) => Pictures} */
export const pictures = (c) => {
  const view = (/** @type {Json} */ record) => pictureOf(c, record);
  /** @type {(picture: string, body: object, options?: RequestOptions) => Promise<Picture>} */
  const patch = async (picture, body, options) => c.call("PATCH", path("images", picture), { ...options, body, view });
  return {
    list: async ({
      page,
      perPage = 30,
      search,
      folder,
      trashed = false,
      model,
      sort = "-created",
      totals,
      ...options
    } = {}) => {
      if (!/^-?(created|title)$/.test(sort)) throw new GeneratioError("argument_type", "sort is not known");
      const filter = [
        inTrash(trashed),
        folder !== undefined && `folder_id = '${folder === null ? "" : checkedId(folder)}'`,
        model !== undefined && `model = ${quoted(model)}`,
      ];
      // Pictures of one moment keep their order from page to page.
      const order = `${sort},${sort[0] === "-" ? "-" : ""}id`;
      const conditions = filter.filter(Boolean).join(" && ");
      const query = { page, perPage, search, sort: order, filter: conditions, skipTotal: totals ? undefined : "true" };
      return c.call("GET", path("images"), { ...options, query, view: pageOf(view) });
    },
    get: async (picture, options) => c.call("GET", path("images", picture), { ...options, view }),
    update: async (picture, { title, folder }, options) => {
      const body = { ...(title !== undefined && { title }), ...(folder !== undefined && { folder_id: folder ?? "" }) };
      return patch(picture, body, options);
    },
    move: async (picture, folder, options) => patch(picture, { folder_id: folder ?? "" }, options),
    trash: async (picture, options) => patch(picture, { deleted_at: new Date().toISOString() }, options),
    restore: async (picture, options) => patch(picture, { deleted_at: "" }, options),
    delete: async (picture, options) => c.call("DELETE", path("images", picture), options),
  };
};

/**
 * @template T
 * @param {(record: Json) => T} view
 * @returns {(value: Json) => Page<T>}
 */
const pageOf = (view) => (value) => ({
  items: list(value.items, view, "records", 1000),
  page: count(value.page),
  perPage: count(value.perPage),
  totalItems: value.totalItems === -1 ? null : count(value.totalItems),
  totalPages: value.totalPages === -1 ? null : count(value.totalPages),
});

/**
 * @param {Connection} c
 * @param {Json} record
 * @returns {Picture}
 */
function pictureOf(c, record) {
  const at = checkedAddress(c.url, "url", record.url);
  const file = checkedAddress(c.url, "fileUrl", record.file_url);
  const thumbnail = checkedAddress(c.url, "thumbnailUrl", record.thumbnail_url);
  // Both are the user's own JSON, of any form.
  const size = record.image_size ?? {};
  const info = record.other_info ?? {};
  const isObject = (/** @type {Json} */ value) => value && typeof value === "object" && !Array.isArray(value);
  const isNumber = (/** @type {Json} */ value) => typeof value === "number" || value instanceof Exact;
  return {
    id: id(record.id, "a picture's id"),
    title: text(record.title, "a title"),
    prompt: text(record.prompt, "a prompt"),
    model: text(record.model, "a model"),
    url: at.url,
    fileUrl: file.url,
    thumbnailUrl: thumbnail.url,
    refused: [at, file, thumbnail].flatMap(({ refused }) => refused),
    width: side(size.width),
    height: side(size.height),
    parameters: isObject(info.parameters) ? plain(info.parameters) : {},
    seed: isNumber(info.seed) ? decimal(info.seed) : null,
    cost: isNumber(info.cost_usd) ? someMoney(info.cost_usd) : null,
    requestId: optional(record.request_id) ?? "",
    batchNumber: count(record.batch_number ?? 0),
    folder: optional(record.folder_id),
    created: time(record.created),
    updated: time(record.updated),
    deletedAt: optional(record.deleted_at),
  };
}

/** @param {Json} value */
function side(value) {
  return Number.isSafeInteger(value) && value > 0 ? value : null;
}

/** @type {(c: Connection) => Folders} */
export const folders = (c) => {
  const view = folderOf;
  /** @type {(folder: string, body: object, options?: RequestOptions) => Promise<Folder>} */
  const patch = async (folder, body, options) => c.call("PATCH", path("folders", folder), { ...options, body, view });
  return {
    list: async ({ trashed = false, ...options } = {}) => {
      /** @type {Folder[]} */
      const all = [];
      for (let page = 1; page <= MOST_FOLDERS / FOLDERS_A_PAGE; page += 1) {
        const filter = inTrash(trashed);
        const query = { page, perPage: FOLDERS_A_PAGE, skipTotal: "true", sort: "name,id", filter };
        const { items } = await c.call("GET", path("folders"), { ...options, query, view: pageOf(view) });
        all.push(...items);
        if (items.length < FOLDERS_A_PAGE) break;
      }
      return all;
    },
    create: async (name, parent = null, options) => {
      const body = { name, user_id: c.user().id, ...(parent !== null && { parent_id: checkedId(parent) }) };
      return c.call("POST", path("folders"), { ...options, body, view });
    },
    update: async (folder, { name, parent, private: hidden }, options) => {
      const body = {
        ...(name !== undefined && { name }),
        ...(parent !== undefined && { parent_id: parent ?? "" }),
        ...(hidden !== undefined && { private: hidden }),
      };
      return patch(folder, body, options);
    },
    trash: async (folder, options) => patch(folder, { deleted_at: new Date().toISOString() }, options),
    restore: async (folder, options) => patch(folder, { deleted_at: "" }, options),
    delete: async (folder, options) => c.call("DELETE", path("folders", folder), options),
  };
};

/**
 * @param {Json} record
 * @returns {Folder}
 */
function folderOf(record) {
  return {
    id: id(record.id, "a folder's id"),
    name: text(record.name, "a name"),
    parent: optional(record.parent_id),
    private: flag(record.private),
    created: time(record.created),
    updated: time(record.updated),
    deletedAt: optional(record.deleted_at),
  };
}

/** @type {(c: Connection) => Preferences} */
export const preferences = (c) => ({
  load: (model_name, options) => {
    const view = (/** @type {Json} */ { has_preferences, preferences }) =>
      flag(has_preferences) ? plain(object(preferences)) : null;
    return c.call("POST", "/api/custom/preferences/get", { ...options, body: { model_name }, view });
  },
  save: (model_name, preferences, options) =>
    c.call("POST", "/api/custom/preferences/save", { ...options, body: { model_name, preferences } }),
});
