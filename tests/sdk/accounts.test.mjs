// Accounts: from registering to the account's end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAL_KEY, MISSING, PASSWORD, code, generate, guest, person, ready, refused, seesNothing } from "./support.mjs";

const NEW = "velvet-anchor-91";
const users = (pb) => pb.collection("generatio_users");
const renewed = (oldPassword, password) => ({ oldPassword, password, passwordConfirm: password });

test("the server is healthy", async () => {
  const health = await guest().health.check();
  assert.deepEqual([health.code, health.message], [200, "API is healthy."]);
});

test("registering gives a record without the address, and logs nobody in", async () => {
  const pb = guest();
  const record = await users(pb).create({ email: "new@example.com", password: PASSWORD, passwordConfirm: PASSWORD, name: "New" });
  assert.deepEqual([record.name, record.email, record.collectionName], ["New", undefined, "generatio_users"]);
  assert.deepEqual([record.verified, record.emailVisibility, record.model_preferences], [false, false, []]);
  assert.equal(pb.authStore.isValid, false);
});

test("refused registrations name the field", async () => {
  const create = (body) => users(guest()).create(body);
  const account = { email: "fields@example.com", password: PASSWORD, passwordConfirm: PASSWORD };
  await create(account);
  for (const [change, field, expected] of [
    [{}, "email", "validation_not_unique"],
    [{ email: "FIELDS@example.com" }, "email", "validation_not_unique"],
    [{ email: "nonsense" }, "email", "validation_is_email"],
    [{ passwordConfirm: "another" }, "passwordConfirm", "validation_values_mismatch"],
    [{ password: "short", passwordConfirm: "short" }, "password", "validation_min_text_constraint"],
    [{ password: "" }, "password", "validation_required"],
  ]) {
    const error = await refused(create({ ...account, ...change }), 400, "Failed to create record.");
    assert.equal(code(error, field), expected, JSON.stringify(error.response));
    assert.equal(typeof error.response.data[field].message, "string");
  }
});

test("logging in fills the store, refreshing renews it", async () => {
  const pb = guest();
  await users(pb).create({ email: "login@example.com", password: PASSWORD, passwordConfirm: PASSWORD });
  const { record, token } = await users(pb).authWithPassword("login@example.com", PASSWORD);
  assert.deepEqual([pb.authStore.isValid, pb.authStore.token, pb.authStore.record.id], [true, token, record.id]);
  assert.equal(record.email, "login@example.com");
  const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  assert.deepEqual([claims.id, claims.type, claims.collectionId], [record.id, "auth", record.collectionId]);
  assert.ok(claims.exp * 1000 > Date.now());

  const refreshed = await users(pb).authRefresh();
  assert.deepEqual(refreshed.record, record);
  assert.equal(pb.authStore.token, refreshed.token);
  const chosen = await users(pb).authWithPassword("login@example.com", PASSWORD, { fields: "token,record.email" });
  assert.deepEqual(chosen.record, { email: "login@example.com" });
  const thin = await users(pb).authRefresh({ fields: "token,record.id" });
  assert.deepEqual(thin.record, { id: record.id });

  // As an app's own server does it between two pages.
  const cookie = pb.authStore.exportToCookie();
  const restored = guest();
  restored.authStore.loadFromCookie(cookie);
  assert.equal(restored.authStore.isValid, true);
  await users(restored).authRefresh();

  pb.authStore.clear();
  assert.equal(pb.authStore.isValid, false);
  await refused(users(pb).authRefresh(), 401, "The request requires valid record authorization token.");
});

test("wrong and unknown logins are refused alike, and empty ones by field", async () => {
  await person("wrong@example.com");
  for (const identity of ["wrong@example.com", "nobody@example.com"]) {
    const error = await refused(users(guest()).authWithPassword(identity, "not the password"), 400, "Failed to authenticate.");
    assert.deepEqual(error.response.data, {});
  }
  const error = await refused(users(guest()).authWithPassword("", ""), 400);
  assert.deepEqual([code(error, "identity"), code(error, "password")], ["validation_required", "validation_required"]);
});

test("a bad token makes a guest", async () => {
  const pb = guest();
  pb.authStore.save("not.a.token", { id: "x", collectionName: "generatio_users" });
  assert.deepEqual((await pb.collection("images").getList()).items, []);
  await refused(users(pb).authRefresh(), 401);
});

test("ways to log in are told, and those that are not offered are refused", async () => {
  const methods = await users(guest()).listAuthMethods();
  assert.deepEqual(methods.password, { identityFields: ["email"], enabled: true });
  assert.deepEqual([methods.oauth2.enabled, methods.oauth2.providers], [false, []]);
  assert.deepEqual([methods.mfa.enabled, methods.otp.enabled], [false, false]);
  const otp = "The collection is not configured to allow OTP authentication.";
  await refused(users(guest()).requestOTP("wrong@example.com"), 403, otp);
  await refused(users(guest()).authWithOTP("id", "12345678"), 403, otp);
  const oauth2 = "The collection is not configured to allow OAuth2 authentication.";
  await refused(users(guest()).authWithOAuth2Code("x", "code", "verifier", "http://localhost"), 403, oauth2);
});

test("what takes a mailer is answered as by a PocketBase that cannot send", async () => {
  const pb = await person("mail@example.com");
  for (const email of ["mail@example.com", "nobody@example.com"]) {
    assert.equal(await users(pb).requestVerification(email), true);
    assert.equal(await users(pb).requestPasswordReset(email), true);
  }
  assert.equal(code(await refused(users(pb).requestPasswordReset("nonsense"), 400), "email"), "validation_is_email");
  assert.equal(code(await refused(users(pb).confirmPasswordReset("bad", NEW, NEW), 400), "token"), "validation_invalid_token");
  assert.ok(code(await refused(users(pb).confirmVerification("a.b.c"), 400), "token"));
  assert.ok(code(await refused(users(pb).confirmEmailChange("bad", PASSWORD), 400), "token"));
  const error = await refused(users(pb).requestEmailChange("other@example.com"), 400);
  assert.match(error.response.message, /^Failed to request email change/);
  await refused(users(guest()).requestEmailChange("other@example.com"), 401);
});

test("a changed profile comes back into the store", async () => {
  const pb = await person("profile@example.com");
  const { id } = pb.authStore.record;
  const changed = await users(pb).update(id, { name: "Ann", emailVisibility: true });
  assert.deepEqual([changed.name, changed.emailVisibility], ["Ann", true]);
  assert.equal(pb.authStore.record.name, "Ann");
  assert.equal(code(await refused(users(pb).update(id, { verified: true }), 400), "verified"), "validation_values_mismatch");
});

test("a new password ends every login, and the FAL token goes along", async () => {
  const pb = await ready("password@example.com");
  const { id } = pb.authStore.record;
  for (const [body, field, expected] of [
    [{ password: NEW, passwordConfirm: NEW }, "oldPassword", "validation_required"],
    [renewed("not the old one", NEW), "oldPassword", "validation_invalid_old_password"],
    [{ ...renewed(PASSWORD, NEW), passwordConfirm: "x" }, "passwordConfirm", "validation_values_mismatch"],
  ]) {
    assert.equal(code(await refused(users(pb).update(id, body), 400, "Failed to update record."), field), expected);
  }
  await users(pb).update(id, renewed(PASSWORD, NEW));
  await refused(users(pb).authRefresh(), 401);
  await refused(users(guest()).authWithPassword("password@example.com", PASSWORD), 400);
  await users(pb).authWithPassword("password@example.com", NEW);
  const verified = await pb.send("/api/custom/tokens/verify", { method: "POST", body: { password: NEW } });
  assert.equal(verified.can_decrypt, true);
});

test("a new address takes the old password", async () => {
  const pb = await person("address@example.com");
  const { id } = pb.authStore.record;
  const moved = { email: "moved@example.com" };
  assert.equal(code(await refused(users(pb).update(id, moved), 400), "email"), "validation_values_mismatch");
  await users(pb).update(id, { ...moved, oldPassword: PASSWORD });
  await refused(users(pb).authRefresh(), 401);
  await users(pb).authWithPassword("moved@example.com", PASSWORD);
  assert.equal(pb.authStore.record.email, "moved@example.com");
});

test("an account goes with all that is its owner's", async () => {
  const pb = await ready("gone@example.com");
  await generate(pb, "a red fox");
  const { id } = pb.authStore.record;
  assert.equal((await pb.collection("images").getFullList()).length, 1);
  assert.equal(await users(pb).delete(id), true);
  // The SDK clears its store when the record is the one that is logged in.
  assert.equal(pb.authStore.isValid, false);
  await refused(users(guest()).authWithPassword("gone@example.com", PASSWORD), 400, "Failed to authenticate.");
  const again = await person("gone@example.com");
  assert.notEqual(again.authStore.record.id, id);
  assert.deepEqual(await again.collection("images").getFullList(), []);
});

test("two accounts know nothing of each other", async () => {
  const [ann, bob] = [await ready("ann@example.com"), await person("bob@example.com")];
  const { id } = ann.authStore.record;
  await generate(ann, "a red fox");
  await refused(users(bob).update(id, { name: "Bob was here" }), 404, MISSING);
  await refused(users(bob).update(id, renewed(PASSWORD, NEW)), 404, MISSING);
  await refused(users(bob).delete(id), 404, MISSING);
  await refused(users(guest()).update(id, { name: "nobody" }), 404, MISSING);
  assert.equal((await users(ann).getOne(id)).name, "");
  assert.deepEqual((await users(bob).getFullList()).map((user) => user.email), ["bob@example.com"]);
  const all = JSON.stringify(await users(ann).getFullList());
  for (const secret of [FAL_KEY, "password", "tokenKey", "fal_token"]) assert.ok(!all.includes(secret), secret);
  await seesNothing(bob, ann);
});
