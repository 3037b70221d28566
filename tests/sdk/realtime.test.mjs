// What comes by itself: changes of pictures, folders and jobs, for those whose they are.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { afterEach, test } from "node:test";
import { EventSource } from "eventsource";
import { generate, guest, person, ready, refused, seesNothing, until } from "./support.mjs";

// Node has none of its own.
globalThis.EventSource = EventSource;

const ann = await ready("ann@example.com");
const bob = await ready("bob@example.com");
const own = (pb) => pb.authStore.record.id;
const folder = (pb, name) => pb.collection("folders").create({ name, user_id: own(pb) }, { requestKey: null });
// An open stream keeps node running; and one test's subscriptions are no concern of the next.
afterEach(() => Promise.all([ann, bob].map((pb) => pb.realtime.unsubscribe())));

/// Gathers the messages of a topic.
async function listen(pb, collection, topic, options) {
  const heard = [];
  const stop = await pb.collection(collection).subscribe(topic, (message) => heard.push(message), options);
  return { heard, stop, actions: (id) => heard.filter(({ record }) => record.id === id).map(({ action }) => action) };
}

test("a folder's life is told to its owner, and to nobody else", async () => {
  const [mine, theirs] = [await listen(ann, "folders", "*"), await listen(bob, "folders", "*")];
  const made = await folder(ann, "Told");
  await ann.collection("folders").update(made.id, { name: "Told twice" });
  await ann.collection("folders").delete(made.id);
  await until("three messages", () => mine.actions(made.id).length === 3);
  assert.deepEqual(mine.actions(made.id), ["create", "update", "delete"]);
  const [created, updated, deleted] = mine.heard;
  assert.deepEqual(created.record, made);
  assert.deepEqual([updated.record.name, deleted.record.name], ["Told twice", "Told twice"]);
  // Bob's own change comes after all of Ann's: had he been told of hers, it would be here by now.
  const his = await folder(bob, "Bob's");
  await until("his own", () => theirs.actions(his.id).length === 1);
  assert.deepEqual(theirs.heard.map(({ record }) => record.id), [his.id]);
  assert.equal(mine.actions(his.id).length, 0);
  await mine.stop();
  await theirs.stop();
});

test("a new picture comes with the progress of its job", async () => {
  const [pictures, jobs] = [await listen(ann, "images", "*"), await listen(ann, "jobs", "*")];
  const [others, otherJobs] = [await listen(bob, "images", "*"), await listen(bob, "jobs", "*")];
  const made = await generate(ann, "a red fox");
  const [{ id }] = made.images;
  await until("the picture", () => pictures.actions(id).includes("create"));
  assert.equal(pictures.heard.at(-1).record.prompt, "a red fox");
  const states = () => jobs.heard.filter(({ record }) => record.id === made.job).map(({ record }) => record.state);
  await until("the end of the job", () => states().includes("completed"));
  assert.equal(jobs.actions(made.job)[0], "create");
  assert.ok(states().includes("submitted"), `${states()}`);
  assert.ok(jobs.actions(made.job).slice(1).every((action) => action === "update"));

  await ann.collection("images").update(id, { title: "Titled" });
  await until("the title", () => pictures.heard.some(({ record }) => record.title === "Titled"));
  await ann.collection("images").update(id, { deleted_at: new Date() });
  await until("the trash", () => pictures.heard.some(({ record }) => record.deleted_at !== ""));
  await ann.collection("images").delete(id);
  await until("the end", () => pictures.actions(id).at(-1) === "delete");

  const his = await generate(bob, "bob's own");
  await until("his own", () => others.actions(his.images[0].id).length > 0);
  assert.ok(others.heard.every(({ record }) => record.user_id === own(bob)));
  await until("his job", () => otherJobs.actions(his.job).length > 0);
  assert.ok(otherJobs.heard.every(({ record }) => record.user_id === own(bob)));
  for (const one of [pictures, jobs, others, otherJobs]) await one.stop();
});

test("one record is followed alone, by its owner only", async () => {
  const [followed, other] = [await folder(ann, "Followed"), await folder(ann, "Another")];
  const [mine, theirs] = [await listen(ann, "folders", followed.id), await listen(bob, "folders", followed.id)];
  const his = await listen(bob, "folders", "*");
  await ann.collection("folders").update(other.id, { name: "Not told" });
  await ann.collection("folders").update(followed.id, { name: "Told" });
  await until("the change", () => mine.heard.length > 0);
  assert.deepEqual(mine.heard.map(({ record }) => record.name), ["Told"]);
  const after = await folder(bob, "After");
  await until("his own", () => his.actions(after.id).length === 1);
  assert.deepEqual(theirs.heard, []);
  for (const one of [mine, theirs, his]) await one.stop();
});

test("options narrow, shorten and widen what is told", async () => {
  const inside = await folder(ann, "Inside");
  const options = { filter: ann.filter("folder_id = {:id}", inside), expand: "folder_id", fields: "id,title,expand.folder_id.name" };
  const narrowed = await listen(ann, "images", "*", options);
  await generate(ann, "outside");
  const { images: [{ id }] } = await generate(ann, "inside", { collection_id: inside.id });
  // The one outside was made before it. How often one is told of is not what this is about.
  await until("the one inside", () => narrowed.actions(id).includes("create"));
  assert.deepEqual([...new Set(narrowed.heard.map(({ record }) => record.id))], [id]);
  assert.deepEqual(narrowed.heard[0].record, { id, title: "inside", expand: { folder_id: { name: "Inside" } } });
  await narrowed.stop();
});

test("what one prefers and spends is told with one's account", async () => {
  const [account, preferences] = [await listen(ann, "generatio_users", own(ann)), await listen(ann, "model_preferences", "*")];
  const spent = async () => (await ann.collection("generatio_users").getOne(own(ann))).financial_data.total_spent;
  const body = { model_name: "flux/dev", preferences: { steps: 4 } };
  await ann.send("/api/custom/preferences/save", { method: "POST", body });
  await until("both", () => preferences.heard.length === 1 && account.heard.length === 1);
  assert.deepEqual(account.heard[0].record.model_preferences, [preferences.heard[0].record.id]);
  const before = await spent();
  await generate(ann, "not for nothing");
  await until("what it cost", () => account.heard.length === 2);
  assert.equal(account.heard[1].record.financial_data.total_spent, await spent());
  assert.ok((await spent()) > before);
  for (const one of [account, preferences]) await one.stop();
});

test("who unsubscribes hears no more", async () => {
  const [all, one] = [await listen(ann, "folders", "*"), await listen(ann, "images", "*")];
  await all.stop();
  await folder(ann, "Unheard");
  const { images: [{ id }] } = await generate(ann, "heard");
  await until("the picture", () => one.actions(id).length > 0);
  assert.deepEqual(all.heard, []);
  await one.stop();
  assert.equal(ann.realtime.isConnected, false);
});

/// A way to the server that can be cut, as proxies and sleeping laptops do it.
async function way() {
  const { hostname, port } = new URL(process.env.GENERATIO_URL);
  const open = new Set();
  const proxy = net.createServer((near) => {
    const far = net.connect(port, hostname);
    for (const [one, other] of [[near, far], [far, near]]) {
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
    open.add(near);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const cut = () => open.forEach((socket) => socket.destroy());
  return { url: `http://127.0.0.1:${proxy.address().port}`, cut, close: () => proxy.close(cut()) };
}

test("a client whose stream breaks comes back by itself and hears again", async () => {
  const { url, cut, close } = await way();
  const pb = guest(url);
  pb.authStore.save(ann.authStore.token, ann.authStore.record);
  const mine = await listen(pb, "folders", "*");
  const before = await folder(ann, "Before");
  await until("the first message", () => mine.actions(before.id).length === 1);
  const first = pb.realtime.clientId;
  cut();
  await until("another stream", () => pb.realtime.isConnected && pb.realtime.clientId !== first);
  // It subscribes anew after it is connected; what happens in between is not heard.
  await until("a message", async () => {
    const { id } = await folder(ann, "Again");
    await new Promise((resolve) => setTimeout(resolve, 50));
    return mine.actions(id).length === 1;
  });
  await pb.realtime.unsubscribe();
  close();
});

test("a guest hears nothing, and a stream belongs to whom it was given first", async () => {
  const pb = guest();
  const heard = await listen(pb, "folders", "*");
  const mine = await listen(ann, "folders", "*");
  const made = await folder(ann, "Not for guests");
  await until("Ann's own", () => mine.actions(made.id).length === 1);
  const carl = await person("carl@example.com");
  pb.authStore.save(carl.authStore.token, carl.authStore.record);
  const his = await listen(pb, "images", "*");
  const first = await folder(pb, "Carl's");
  await until("Carl's own", () => heard.actions(first.id).length === 1);
  assert.deepEqual(heard.heard.map(({ record }) => record.id), [first.id]);
  const body = { clientId: pb.realtime.clientId, subscriptions: ["folders/*"] };
  await refused(ann.send("/api/realtime", { method: "POST", body }), 403);
  await refused(ann.send("/api/realtime", { method: "POST", body: { ...body, clientId: "unknown" } }), 404, "Missing or invalid client id.");
  for (const one of [heard, his, mine]) await one.stop();
  await pb.realtime.unsubscribe();
  await seesNothing(bob, ann);
});
