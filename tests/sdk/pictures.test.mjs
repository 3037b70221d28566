// A gallery that reads: lists, single records, searches, and what becomes of calls that are cut off.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MISSING, generate, guest, person, ready, refused, seesNothing, until } from "./support.mjs";

const images = (pb) => pb.collection("images");
const folders = (pb) => pb.collection("folders");
const prompts = (items) => items.map((item) => item.prompt);
const UNREADABLE = "Something went wrong while processing your request.";

// Nine pictures, three of them in the inner of two folders; and somebody who has one of the same words.
const ann = await ready("ann@example.com");
const bob = await ready("bob@example.com");
const folder = (pb, name, parent_id) =>
  pb.send("/api/custom/collections/create", { method: "POST", body: { name, parent_id } });
const outer = await folder(ann, "Outer");
const inner = await folder(ann, "Inner", outer.id);
for (const animal of ["fox", "fish", "bird"]) {
  for (const color of ["red", "blue", "green"]) {
    await generate(ann, `a ${color} ${animal}`, animal === "fox" ? { collection_id: inner.id } : {});
  }
}
await generate(bob, "a red fox");

test("pages follow each other, with and without totals", async () => {
  const first = await images(ann).getList(1, 4, { sort: "-created" });
  assert.deepEqual([first.page, first.perPage, first.totalItems, first.totalPages], [1, 4, 9, 3]);
  assert.deepEqual(prompts(first.items).slice(0, 2), ["a green bird", "a blue bird"]);
  const last = await images(ann).getList(3, 4, { sort: "-created", skipTotal: true });
  assert.deepEqual([last.totalItems, last.totalPages, prompts(last.items)], [-1, -1, ["a red fox"]]);
  const beyond = await images(ann).getList(9, 4);
  assert.deepEqual([beyond.items, beyond.totalItems], [[], 9]);
  assert.equal((await images(ann).getList()).perPage, 30);
});

test("a full list is gathered from as many pages as it takes", async () => {
  const all = await images(ann).getFullList({ sort: "created" });
  assert.equal(all.length, 9);
  const gathered = await images(ann).getFullList({ sort: "created", batch: 2 });
  assert.deepEqual(gathered, all);
  assert.equal(new Set(gathered.map((image) => image.id)).size, 9);
});

test("the first of a list, or the SDK's own 404", async () => {
  const found = await images(ann).getFirstListItem("prompt ~ 'bird'", { sort: "created" });
  assert.equal(found.prompt, "a red bird");
  await refused(images(ann).getFirstListItem("prompt = 'nothing'"), 404);
});

test("filters with placeholders find what they say, whatever the text", async () => {
  const filtered = async (text, values) => prompts(await images(ann).getFullList({ filter: ann.filter(text, values), sort: "created" }));
  assert.deepEqual(await filtered("prompt ~ {:word}", { word: "FISH" }), ["a red fish", "a blue fish", "a green fish"]);
  assert.deepEqual(await filtered("folder_id = {:id} && prompt !~ {:word}", { id: inner.id, word: "red" }), ["a blue fox", "a green fox"]);
  assert.equal((await filtered("deleted_at = {:none}", { none: null })).length, 9);
  assert.equal((await filtered("created >= {:from} && created < {:to}", { from: new Date(0), to: new Date(Date.now() + 60_000) })).length, 9);
  assert.equal((await filtered("batch_number < {:n}", { n: 7 })).length, 9);
  assert.deepEqual(await filtered("folder_id.parent_id.name = {:name} && prompt ~ {:end}", { name: "Outer", end: "%fox" }),
    ["a red fox", "a blue fox", "a green fox"]);
  for (const text of [`it's "quoted" \\ and\n\tso on`, "' || 1 = 1 || '", '" || id != "', "\b\f\u0001", "%", "🦊"]) {
    const found = await filtered("prompt = {:text} || title = {:text}", { text });
    assert.deepEqual(found, [], text);
  }
});

test("lists are sorted by several keys", async () => {
  const sorted = await images(ann).getFullList({ sort: "folder_id.name,-prompt" });
  assert.deepEqual(prompts(sorted).slice(6), ["a red fox", "a green fox", "a blue fox"]);
  const unsorted = await images(ann).getFullList({ sort: "@random" });
  assert.equal(unsorted.length, 9);
});

test("relations come along, forwards and back", async () => {
  const fox = await images(ann).getFirstListItem("prompt = 'a red fox'", { expand: "folder_id.parent_id,user_id" });
  assert.equal(fox.expand.folder_id.expand.parent_id.name, "Outer");
  assert.equal(fox.expand.user_id.email, "ann@example.com");
  const [found] = await folders(ann).getFullList({ filter: "name = 'Inner'", expand: "images_via_folder_id" });
  assert.equal(found.expand.images_via_folder_id.length, 3);
  const fish = await images(ann).getFirstListItem("prompt = 'a red fish'", { expand: "folder_id" });
  assert.deepEqual([fish.folder_id, fish.expand?.folder_id], ["", undefined]);
});

test("fields say what is shown", async () => {
  const page = await images(ann).getList(1, 1, { fields: "id,prompt:excerpt(5,true),expand.folder_id.name", expand: "folder_id", sort: "created" });
  const [item] = page.items;
  assert.deepEqual(Object.keys(item).sort(), ["expand", "id", "prompt"]);
  assert.deepEqual([item.expand, item.prompt.endsWith("...")], [{ folder_id: { name: "Inner" } }, true]);
  assert.equal(page.totalItems, 9);
});

test("a search finds words of prompts", async () => {
  const found = async (search, more = {}) => (await images(ann).getList(1, 30, { search, sort: "created", ...more }));
  assert.deepEqual(prompts((await found("blue")).items), ["a blue fox", "a blue fish", "a blue bird"]);
  assert.deepEqual(prompts((await found("green bir")).items), ["a green bird"]);
  assert.equal((await found("red", { filter: "prompt ~ 'f'", skipTotal: true })).items.length, 2);
  for (const search of ["nothing", '"', "* OR owner:x", "NEAR("]) assert.ok((await found(search)).items.length === 0, search);
});

test("one picture is shown as a list shows it", async () => {
  const listed = await images(ann).getFirstListItem("prompt = 'a red bird'");
  const shown = await images(ann).getOne(listed.id);
  assert.deepEqual(shown, listed);
  assert.deepEqual([shown.collectionName, shown.user_id, shown.model], ["images", ann.authStore.record.id, "flux/schnell"]);
  assert.match(shown.created, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual([shown.deleted_at, shown.folder_id, shown.title], ["", "", "a red bird"]);
  const thin = await images(ann).getOne(listed.id, { fields: "id" });
  assert.deepEqual(thin, { id: listed.id });
  const picture = await fetch(shown.url);
  assert.deepEqual([picture.status, picture.headers.get("content-type").split("/")[0]], [200, "image"]);
});

test("what is not there is a 404, what cannot be read a 400", async () => {
  await refused(images(ann).getOne("zzzzzzzzzzzzzzz"), 404, MISSING);
  await refused(images(ann).getOne(""), 404);
  await refused(ann.collection("nothing").getList(), 404, "Missing collection context.");
  await refused(ann.send("/api/nothing", {}), 404);
  for (const options of [{ filter: "prompt =" }, { filter: "nothing = 1" }, { sort: "nothing" }, { filter: "user_id.tokenKey ~ 'a'" }]) {
    const error = await refused(images(ann).getList(1, 30, options), 400, UNREADABLE);
    assert.deepEqual(error.response.data, {});
  }
  await refused(images(ann).getList(1, 30, { filter: "@request.auth.id != ''" }), 403);
});

test("newer calls cancel older ones, and the server does not mind", async () => {
  const calls = Array.from({ length: 60 }, (_, n) => images(ann).getList(1, 30, { search: "a red".slice(0, 1 + (n % 5)) }));
  const ends = await Promise.allSettled(calls);
  assert.equal(ends.at(-1).status, "fulfilled");
  const canceled = ends.filter((end) => end.status === "rejected");
  assert.ok(canceled.length > 0 && canceled.every(({ reason }) => reason.isAbort && reason.status === 0));
  const key = "by hand";
  const pending = images(ann).getFullList({ requestKey: key });
  ann.cancelRequest(key);
  await assert.rejects(pending, (error) => error.isAbort);
  const side = await Promise.all(Array.from({ length: 40 }, () => images(ann).getList(1, 9, { requestKey: null })));
  assert.ok(side.every((page) => page.items.length === 9));
  await until("the server is at rest", async () => (await ann.health.check()).code === 200);
});

test("a guest sees empty lists and no record", async () => {
  const page = await images(guest()).getList(1, 30, { filter: "id != ''" });
  assert.deepEqual([page.items, page.totalItems], [[], 0]);
  const [{ id }] = (await images(ann).getList(1, 1)).items;
  await refused(images(guest()).getOne(id), 404, MISSING);
});

test("the other one sees nothing of all this", async () => {
  assert.deepEqual(prompts(await images(bob).getFullList({ sort: "created" })), ["a red fox"]);
  assert.equal((await images(bob).getList(1, 30, { search: "fish" })).totalItems, 0);
  assert.equal((await images(bob).getList(1, 30, { filter: "folder_id.name = 'Inner' || user_id.email = 'ann@example.com'" })).totalItems, 0);
  assert.deepEqual(await folders(bob).getFullList({ expand: "images_via_folder_id" }), []);
  await seesNothing(bob, ann);
  await seesNothing(ann, bob);
  await seesNothing(await person("carl@example.com"), ann);
});
