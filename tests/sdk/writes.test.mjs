// A gallery that is kept in order: folders, titles, the trash, preferences, and several changes at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MISSING, code, generate, guest, person, ready, refused, seesNothing } from "./support.mjs";

const images = (pb) => pb.collection("images");
const folders = (pb) => pb.collection("folders");
const preferences = (pb) => pb.collection("model_preferences");
const own = (pb) => pb.authStore.record.id;
const CREATE = "Failed to create record.";

const ann = await ready("ann@example.com");
const bob = await ready("bob@example.com");
for (const animal of ["fox", "fish", "bird"]) await generate(ann, `a red ${animal}`);
await generate(bob, "bob's own");
const picture = (word) => images(ann).getFirstListItem(ann.filter("prompt ~ {:word}", { word }), { requestKey: null });
const folder = (pb, name, more = {}) => folders(pb).create({ name, user_id: own(pb), ...more }, { requestKey: null });
const absent = { requestKey: null };

test("a folder is made, inside another, and renamed", async () => {
  const outer = await folder(ann, "Outer");
  assert.deepEqual([outer.name, outer.user_id, outer.parent_id, outer.private, outer.deleted_at],
    ["Outer", own(ann), "", false, ""]);
  assert.match(outer.id, /^[a-z0-9]{15}$/);
  const inner = await folders(ann).create({ name: "Inner", user_id: own(ann), parent_id: outer.id }, { expand: "parent_id" });
  assert.equal(inner.expand.parent_id.name, "Outer");
  const renamed = await folders(ann).update(inner.id, { name: "Renamed", private: true }, { fields: "name,private" });
  assert.deepEqual(renamed, { name: "Renamed", private: true });
  assert.equal((await folders(ann).getOne(inner.id)).parent_id, outer.id);
});

test("refused folders name the field", async () => {
  const error = await refused(folder(ann, ""), 400, CREATE);
  assert.equal(code(error, "name"), "validation_required");
  await refused(folder(ann, "x", { parent_id: "zzzzzzzzzzzzzzz" }), 400, CREATE);
  await refused(folders(ann).create({ name: "x", user_id: own(bob) }), 400, CREATE);
  await refused(folders(guest()).create({ name: "x", user_id: own(ann) }), 400, CREATE);
});

test("pictures are moved, titled, and moved out again", async () => {
  const [fox, into] = [await picture("fox"), await folder(ann, "Foxes")];
  const moved = await images(ann).update(fox.id, { folder_id: into.id });
  assert.equal(moved.folder_id, into.id);
  assert.ok(moved.updated >= fox.updated);
  const listed = await images(ann).getFullList({ filter: ann.filter("folder_id = {:id}", into) });
  assert.deepEqual(listed.map((image) => image.id), [fox.id]);
  const titled = await images(ann).update(fox.id, { title: "The fox" });
  assert.deepEqual([titled.title, titled.prompt, titled.url], ["The fox", fox.prompt, fox.url]);
  assert.equal((await images(ann).getList(1, 5, { search: "the fox" })).totalItems, 1);
  assert.equal((await images(ann).update(fox.id, { folder_id: "" })).folder_id, "");
  assert.equal((await images(ann).update(fox.id, {})).title, "The fox");
  // As PocketBase with a rule that the folder has to be one's own: the rule is not met, so the picture is not found.
  await refused(images(ann).update(fox.id, { folder_id: "zzzzzzzzzzzzzzz" }), 404, MISSING);
  await refused(images(ann).update("zzzzzzzzzzzzzzz", { title: "x" }), 404, MISSING);
});

test("a picture is thrown away, brought back, and deleted for good", async () => {
  const fish = await picture("fish");
  const live = () => images(ann).getFullList({ filter: "deleted_at = ''", ...absent });
  const before = (await live()).length;
  const thrown = await images(ann).update(fish.id, { deleted_at: new Date("2024-05-06T07:08:09.123Z") });
  assert.equal(thrown.deleted_at, "2024-05-06 07:08:09.123Z");
  assert.equal((await live()).length, before - 1);
  const trash = await images(ann).getFullList({ filter: "deleted_at != ''" });
  assert.deepEqual(trash.map((image) => image.id), [fish.id]);
  for (const nothing of ["", null]) {
    assert.equal((await images(ann).update(fish.id, { deleted_at: nothing })).deleted_at, "");
  }
  assert.equal((await live()).length, before);
  assert.equal(await images(ann).delete(fish.id), true);
  await refused(images(ann).getOne(fish.id), 404, MISSING);
  await refused(images(ann).delete(fish.id), 404, MISSING);
  assert.equal((await images(ann).getList(1, 5, { search: "fish" })).totalItems, 0);
});

test("a folder that goes leaves its pictures", async () => {
  const [bird, outer] = [await picture("bird"), await folder(ann, "Birds")];
  const inner = await folder(ann, "Herons", { parent_id: outer.id });
  await images(ann).update(bird.id, { folder_id: outer.id });
  assert.equal(await folders(ann).delete(outer.id), true);
  assert.equal((await images(ann).getOne(bird.id)).folder_id, "");
  assert.equal((await folders(ann).getOne(inner.id)).parent_id, "");
});

test("preferences are made, changed and removed", async () => {
  const made = await preferences(ann).create({ model_name: "flux/schnell", preferences: { num_images: 2, nested: { list: [1, "2"] } } });
  assert.deepEqual(made.preferences, { num_images: 2, nested: { list: [1, "2"] } });
  const mine = await ann.collection("generatio_users").getOne(own(ann), { expand: "model_preferences" });
  assert.deepEqual([mine.model_preferences, mine.expand.model_preferences[0].model_name], [[made.id], "flux/schnell"]);
  const changed = await preferences(ann).update(made.id, { preferences: { num_images: 4 } });
  assert.deepEqual(changed.preferences, { num_images: 4 });
  const loaded = await ann.send("/api/custom/preferences/get", { method: "POST", body: { model_name: "flux/schnell" } });
  assert.deepEqual(loaded.preferences, { num_images: 4 });
  assert.equal(code(await refused(preferences(ann).create({ model_name: "" }), 400, CREATE), "model_name"), "validation_required");
  assert.equal(await preferences(ann).delete(made.id), true);
  assert.deepEqual(await preferences(ann).getFullList(), []);
});

test("a form is as good as JSON", async () => {
  const form = new FormData();
  form.append("name", "From a form");
  form.append("user_id", own(ann));
  form.append("private", "true");
  const made = await folders(ann).create(form);
  assert.deepEqual([made.name, made.private], ["From a form", true]);
});

test("jobs and charges are read only", async () => {
  for (const name of ["jobs", "ledger"]) {
    const [record] = await ann.collection(name).getFullList();
    for (const call of [
      () => ann.collection(name).create({ model: "x" }),
      () => ann.collection(name).update(record.id, { model: "x" }),
      () => ann.collection(name).delete(record.id),
    ]) {
      await refused(call(), 403, "Only superusers can perform this action.");
    }
    assert.deepEqual(await ann.collection(name).getOne(record.id), record);
  }
});

test("several changes happen together", async () => {
  const [fox, bird] = [await picture("fox"), await picture("bird")];
  const batch = ann.createBatch();
  batch.collection("folders").create({ name: "Batch", user_id: own(ann), id: "batchfolder0001" });
  batch.collection("images").update(fox.id, { folder_id: "batchfolder0001" }, { fields: "id,folder_id" });
  batch.collection("images").update(bird.id, { folder_id: "batchfolder0001", title: "The bird" });
  batch.collection("folders").upsert({ id: "batchfolder0001", name: "Batch, renamed", user_id: own(ann) });
  const answers = await batch.send();
  assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200, 200]);
  assert.deepEqual(answers[1].body, { id: fox.id, folder_id: "batchfolder0001" });
  assert.deepEqual([answers[2].body.title, answers[3].body.name], ["The bird", "Batch, renamed"]);
  const removing = ann.createBatch();
  removing.collection("folders").delete("batchfolder0001");
  assert.deepEqual((await removing.send())[0].status, 204);
  assert.equal((await images(ann).getOne(bird.id)).folder_id, "");
});

test("or not at all", async () => {
  const count = (await folders(ann).getFullList()).length;
  const batch = ann.createBatch();
  batch.collection("folders").create({ name: "One", user_id: own(ann) });
  batch.collection("folders").create({ name: "", user_id: own(ann) });
  const error = await refused(batch.send(), 400, "Batch transaction failed.");
  const failed = error.response.data.requests["1"];
  assert.deepEqual([failed.code, failed.response.status, failed.response.data.name.code],
    ["batch_request_failed", 400, "validation_required"]);
  assert.equal((await folders(ann).getFullList()).length, count);
  const many = ann.createBatch();
  for (let n = 0; n < 51; n += 1) many.collection("folders").create({ name: `${n}`, user_id: own(ann) });
  assert.equal(code(await refused(many.send(), 400), "requests"), "validation_length_too_long");
  assert.equal((await folders(ann).getFullList()).length, count);
});

test("the other one changes nothing of all this", async () => {
  const [fox, mine] = [await picture("fox"), await folder(ann, "Ann's")];
  const theirs = await folder(bob, "Bob's");
  const [picked] = await images(bob).getFullList();
  for (const pb of [bob, await person("carl@example.com"), guest()]) {
    await refused(images(pb).update(fox.id, { title: "stolen" }), 404, MISSING);
    await refused(images(pb).delete(fox.id), 404, MISSING);
    await refused(folders(pb).update(mine.id, { name: "stolen" }), 404, MISSING);
    await refused(folders(pb).delete(mine.id), 404, MISSING);
  }
  // Nor does he get at them through his own.
  await refused(images(bob).update(picked.id, { folder_id: mine.id }), 404, MISSING);
  await refused(folders(bob).update(theirs.id, { parent_id: mine.id }), 404, MISSING);
  const batch = bob.createBatch();
  batch.collection("folders").create({ name: "Before", user_id: own(bob) });
  batch.collection("images").delete(fox.id);
  const error = await refused(batch.send(), 400, "Batch transaction failed.");
  assert.equal(error.response.data.requests["1"].response.status, 404);
  assert.deepEqual((await folders(bob).getFullList()).map((one) => one.name), ["Bob's"]);
  assert.deepEqual(await images(ann).getOne(fox.id), fox);
  assert.deepEqual(await folders(ann).getOne(mine.id), mine);
  await seesNothing(bob, ann);
});
