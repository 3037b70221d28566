/** Amounts, dates and durations as people read them. */

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const month = new Intl.DateTimeFormat(undefined, { month: "short", year: "2-digit", timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** `$0.012`, `$3.00`, `$0.0005`: at least cents, and never less than what is there. The amount is decimal text or a number. */
export function usd(amount) {
  const text = typeof amount === "number" ? plain(amount) : String(amount);
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const sign = text.startsWith("-") ? "−" : "";
  return `${sign}$${Number(whole).toLocaleString("en-US")}.${fraction.padEnd(2, "0")}`;
}

/** A rounded amount for headlines: `$12.35`, but `$0.0042` below a cent. */
export function usdShort(amount) {
  const number = Number(amount);
  if (number === 0) return "$0.00";
  return Math.abs(number) < 0.1 ? usd(Number(number.toPrecision(2))) : usd(number.toFixed(2));
}

/** Shortest decimal text without an exponent. */
function plain(number) {
  const text = String(number);
  return text.includes("e") ? number.toFixed(9).replace(/\.?0+$/, "") : text;
}

/** A moment: PocketBase's form has a space where RFC 3339 has a `T`. */
export const moment = (text) => new Date(text.replace(" ", "T"));

/** Date and time. */
export const when = (text) => dateTime.format(moment(text));

/** The label of a bucket of a chart. */
export const bucketLabel = (text, bucket) => (bucket === "month" ? month : dayMonth).format(moment(text));

/** `3 minutes ago`. */
export function ago(text) {
  const seconds = (moment(text) - Date.now()) / 1000;
  const [unit, size] = [["day", 86_400], ["hour", 3600], ["minute", 60]].find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return relative.format(Math.round(seconds / size), unit);
}

/** `0:07`, `12:40`. */
export function clock(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** `1 picture`, `4 pictures`. */
export const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

/** A parameter's name as a label: `num_inference_steps` is `Inference steps`. */
export function label(name) {
  const known = { num_images: "Pictures", image_size: "Size", num_inference_steps: "Steps", loras: "LoRA weights", enable_safety_checker: "Safety checker" };
  if (known[name]) return known[name];
  const words = name.replace(/^(enable|num)_/, "").replaceAll("_", " ").replace(/\bid\b/, "ID");
  return words[0].toUpperCase() + words.slice(1);
}

/** An option's name: `landscape_16_9` is `Landscape 16:9`, `BALANCED` is `Balanced`. */
export function option(name) {
  if (/^[\d:.]+[A-Za-z]?$/.test(name)) return name;
  const text = name.replace(/_(\d+)_(\d+)$/, " $1:$2").replaceAll("_", " ").replace("/", " · ");
  const calm = text === text.toUpperCase() ? text.toLowerCase() : text;
  return calm[0].toUpperCase() + calm.slice(1).replace(/\bhd\b/, "HD");
}
