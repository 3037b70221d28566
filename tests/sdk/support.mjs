// What the topics share: people, pictures, and what a refusal looks like.
import assert from "node:assert/strict";
import PocketBase, { ClientResponseError } from "pocketbase";

export const PASSWORD = "quartz-harbour-27";
export const FAL_KEY = "planted-key-id:planted0secret0of0the0fal0key";
export const COLLECTIONS = ["folders", "generatio_users", "images", "jobs", "ledger", "model_preferences"];
export const MISSING = "The requested resource wasn't found.";

/// A client without an account.
export const guest = (url = process.env.GENERATIO_URL) => new PocketBase(url);

/// Registers and logs in, as a front end does it. `pb.authStore.record` is the person.
export async function person(email) {
  const pb = guest();
  const users = pb.collection("generatio_users");
  await users.create({ email, password: PASSWORD, passwordConfirm: PASSWORD });
  await users.authWithPassword(email, PASSWORD);
  return pb;
}

/// Somebody with a FAL token and a session, whose header goes along with every call to our own routes.
export async function ready(email) {
  const pb = await person(email);
  await pb.send("/api/custom/tokens/setup", { method: "POST", body: { fal_token: FAL_KEY, password: PASSWORD } });
  const created = await pb.send("/api/custom/auth/create-session", { method: "POST", body: { password: PASSWORD } });
  pb.beforeSend = (url, options) => {
    if (new URL(url).pathname.startsWith("/api/custom/")) options.headers["X-Session-ID"] = created.session_id;
    return { url, options };
  };
  return pb;
}

/// One picture, of the fast model.
export const generate = (pb, prompt, more = {}) =>
  pb.send("/api/custom/generate/image", { method: "POST", body: { model: "flux/schnell", prompt, ...more }, requestKey: null });

/// The error that this call must end with: the SDK's, with this status and, if one is given, message.
export async function refused(call, status, message) {
  const error = await call.then(
    (answer) => assert.fail(`${status} expected, but it went well: ${JSON.stringify(answer)}`),
    (error) => error,
  );
  assert.ok(error instanceof ClientResponseError, `${error.stack}`);
  assert.equal(error.status, status, JSON.stringify(error.response));
  if (message !== undefined) assert.equal(error.response.message, message);
  return error;
}

/// The code of a field in a refusal.
export const code = (error, field) => error.response.data[field]?.code;

/// Checks that `other` sees no record of `pb`: in no list, by no filter, by no id.
export async function seesNothing(other, pb) {
  for (const name of COLLECTIONS) {
    const ids = (await pb.collection(name).getFullList({ requestKey: null })).map((record) => record.id);
    assert.ok(ids.length > 0 || name !== "generatio_users", "a list shows nothing at all");
    const listed = await other.collection(name).getFullList({ requestKey: null });
    assert.deepEqual(listed.filter((record) => ids.includes(record.id)), [], name);
    for (const id of ids.slice(0, 20)) {
      const filter = other.filter("id = {:id} || (id != '' && id = {:id})", { id });
      const found = await other.collection(name).getList(1, 5, { filter, requestKey: null });
      assert.deepEqual([found.items, found.totalItems], [[], 0], name);
      await refused(other.collection(name).getOne(id, { requestKey: null }), 404, MISSING);
    }
  }
}

/// Waits until `holds`, for half a minute at most.
export async function until(what, holds) {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `it never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
