// What was spent, and what may be.

import { cursorPage, reporterOf } from "./job.js";
import {
  amount,
  badAnswer,
  count,
  dollars,
  flag,
  id,
  list,
  money,
  object,
  oneOf,
  optional,
  text,
  time,
} from "./shape.js";

/** @import { Budget, BudgetLimit, BudgetView, RequestOptions, LedgerEntry, LedgerQuery, Series, SeriesQuery, Stats } from "../client.js" */
/** @import { Connection } from "./http.js" */
/** @import { Json } from "./shape.js" */

const PATH = "/api/custom/financial";
/** Most buckets of a series, and lines. */
const BUCKETS = 400;
const LINES = 1000;

/**
 * @param {Connection} c
 * @param {LedgerQuery} [query]
 */
export function ledger(c, { from, to, model, folder, limit, cursor, ...options } = {}) {
  const query = { from, to, model, folder, limit, cursor };
  return c.call("GET", `${PATH}/ledger`, { ...options, query, view: cursorPage(entry) });
}

/**
 * @param {Json} row
 * @returns {LedgerEntry}
 */
function entry(row) {
  return {
    id: id(row.id, "a row's id"),
    job: id(row.job, "a job's id"),
    model: text(row.model, "a model"),
    images: count(row.images),
    account: amount(row),
    fal: amount(row.fal),
    billableUnits: optional(row.billable_units),
    reportedBy: reporterOf(row.reported_by),
    quoted: money(row.quoted),
    created: time(row.created),
  };
}

/**
 * @param {Connection} c
 * @param {SeriesQuery} [query]
 */
export function series(c, { bucket, byModel, from, to, ...options } = {}) {
  const query = { bucket, by: byModel ? "model" : undefined, from, to };
  /** @type {(value: Json) => Series} */
  const view = (value) => {
    const buckets = list(value.buckets, time, "buckets", BUCKETS);
    const line = (/** @type {Json} */ { model, amount, fal_amount, images }) => {
      const all = {
        amount: list(amount, money),
        falAmount: list(fal_amount, money),
        images: list(images, (one) => count(one)),
      };
      const fit = Object.values(all).every((values) => values.length === buckets.length);
      if (!fit) throw badAnswer("a value for each bucket");
      return { model: optional(model), ...all };
    };
    return {
      bucket: oneOf(value.bucket, ["day", "week", "month"], "a bucket"),
      buckets,
      to: time(value.to),
      lines: list(value.series, line, "lines", LINES),
    };
  };
  return c.call("GET", `${PATH}/series`, { ...options, query, view });
}

/**
 * @param {Connection} c
 * @param {RequestOptions} [options]
 */
export function stats(c, options) {
  /** @type {(value: Json) => Stats} */
  const view = (value) => ({
    totalSpent: money(value.total_spent),
    totalImages: count(value.total_images),
    recentSpending: money(value.recent_spending),
    averageCost: money(value.average_cost),
    falSpent: money(value.fal_spent),
    falRecentSpending: money(value.fal_recent_spending),
    monthForecast: money(value.month_forecast),
  });
  return c.call("GET", `${PATH}/stats`, { ...options, view });
}

/** @type {(c: Connection) => Budget} */
export const budget = (c) => ({
  get: (options) => c.call("GET", `${PATH}/budget`, { ...options, view: budgetOf }),
  set: ({ day, month, total, basis, warnPercent }, options) => {
    // As text: the server reads it digit by digit, as it does numbers.
    const limit = (/** @type {string | bigint | null | undefined} */ value) =>
      typeof value === "bigint" ? dollars(value).amount : (value ?? null);
    const body = {
      day: limit(day),
      month: limit(month),
      total: limit(total),
      ...(basis !== undefined && { basis }),
      ...(warnPercent !== undefined && { warn_percent: warnPercent }),
    };
    return c.call("PUT", `${PATH}/budget`, { ...options, body, view: budgetOf });
  },
});

/**
 * @param {Json} value
 * @returns {BudgetView}
 */
function budgetOf(value) {
  /** @type {(one: Json) => BudgetLimit | null} */
  const limit = (one) =>
    one === null
      ? null
      : {
          limit: money(object(one).limit),
          spent: money(one.spent),
          held: money(one.held),
          remaining: money(one.remaining),
          warning: flag(one.warning),
          resets: optional(one.resets),
        };
  return {
    basis: oneOf(value.basis, ["fal", "account"], "a basis"),
    warnPercent: count(value.warn_percent),
    day: limit(value.day),
    month: limit(value.month),
    total: limit(value.total),
    updated: optional(value.updated),
  };
}
