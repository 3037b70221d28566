// The gallery: folders, search, trash, the full view and its keys, using a picture again, a second tab.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PASSWORD, URL_OF_PAGE, make, ready, said, until, view } from "./support.mjs";

const tiles = (page) => page.getByRole("region", { name: "Pictures" }).getByRole("button", { name: /^an? / });
const names = (page) => tiles(page).evaluateAll((nodes) => nodes.map((node) => node.getAttribute("aria-label")));
const shows = (page, wanted) => until(`the gallery shows ${wanted}`, async () => (await names(page)).join() === wanted.join());
const viewer = (page) => page.getByRole("dialog", { name: "Picture" });
const folders = (page) => page.getByRole("navigation", { name: "Folders" });

/// Somebody with three pictures.
async function collector(email) {
  const one = await ready(email);
  for (const prompt of ["a red fox", "a blue fish", "an old boat"]) await make(one.page, prompt);
  return one;
}

test("pictures are looked through, large, with the keys of the keyboard", async () => {
  const { page } = await collector("keys@example.com");
  await view(page, "Gallery");
  await shows(page, ["an old boat", "a blue fish", "a red fox"]);
  await tiles(page).first().focus();
  await page.keyboard.press("Enter");
  await viewer(page).getByRole("img", { name: "an old boat" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await viewer(page).getByRole("img", { name: "a blue fish" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await viewer(page).getByRole("img", { name: "a red fox" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await viewer(page).getByRole("img", { name: "a blue fish" }).waitFor();
  const loaded = await viewer(page).getByRole("img").evaluate((image) => image.decode().then(() => image.naturalWidth));
  assert.ok(loaded >= 512, "the picture itself, not its preview");
  await page.keyboard.press("Escape");
  await viewer(page).waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "an old boat");
  // The browser's way back closes the picture and stays in the gallery.
  await tiles(page).nth(2).click();
  await viewer(page).waitFor();
  await page.goBack();
  await viewer(page).waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "Gallery" }).waitFor();
});

test("a search finds words of prompts, and / goes there", async () => {
  const { page } = await collector("search@example.com");
  await page.getByRole("heading", { name: "Latest" }).click();
  await page.keyboard.press("/");
  await page.getByRole("heading", { name: "Gallery" }).waitFor();
  await until("the search is focused", () => page.evaluate(() => document.activeElement.type === "search"));
  await page.keyboard.type("blue");
  await shows(page, ["a blue fish"]);
  await page.getByRole("searchbox").fill("zebra");
  await page.getByText("Nothing found").waitFor();
  await page.getByRole("searchbox").fill("");
  await shows(page, ["an old boat", "a blue fish", "a red fox"]);
});

test("folders are made, filled, renamed and deleted, and their pictures stay", async () => {
  const { page } = await collector("folders@example.com");
  await view(page, "Gallery");
  await page.getByRole("button", { name: "New folder" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Animals");
  await page.getByRole("button", { name: "Create folder" }).click();
  await page.getByRole("heading", { name: "Animals" }).waitFor();
  await page.getByText("This folder is empty").waitFor();
  await folders(page).getByRole("link", { name: "All pictures" }).click();
  await shows(page, ["an old boat", "a blue fish", "a red fox"]);
  await page.getByRole("button", { name: "Select" }).click();
  await tiles(page).nth(1).click();
  await tiles(page).nth(2).click();
  await page.getByText("2 pictures selected").waitFor();
  await page.getByRole("toolbar").getByRole("button", { name: "Move" }).click();
  const dialog = page.getByRole("dialog", { name: "Move to a folder" });
  await dialog.getByLabel("Folder").selectOption("Animals");
  await dialog.getByRole("button", { name: "Move" }).click();
  await said(page, "2 pictures moved.");
  await folders(page).getByRole("link", { name: "Animals" }).click();
  await shows(page, ["a blue fish", "a red fox"]);
  // New ones can be put there at once.
  await view(page, "Create");
  await page.getByLabel("Put them into").selectOption("Animals");
  await make(page, "a green bird");
  await view(page, "Gallery");
  await folders(page).getByRole("link", { name: "Animals" }).click();
  await shows(page, ["a green bird", "a blue fish", "a red fox"]);
  await page.getByRole("button", { name: "Rename folder" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Beasts");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Beasts" }).waitFor();
  await page.getByRole("button", { name: "Delete folder" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete folder" }).click();
  await page.getByRole("heading", { name: "Gallery" }).waitFor();
  await shows(page, ["a green bird", "an old boat", "a blue fish", "a red fox"]);
});

test("the trash gives back what was thrown away, until it is deleted for good", async () => {
  const { page } = await collector("trash@example.com");
  await view(page, "Gallery");
  await tiles(page).first().click();
  await viewer(page).getByRole("button", { name: "To the trash" }).click();
  await viewer(page).getByRole("button", { name: "Undo" }).click();
  await page.keyboard.press("Escape");
  await shows(page, ["an old boat", "a blue fish", "a red fox"]);
  await page.getByRole("button", { name: "Select" }).click();
  await tiles(page).nth(0).click();
  await tiles(page).nth(1).click();
  await page.getByRole("toolbar").getByRole("button", { name: "To the trash" }).click();
  await shows(page, ["a red fox"]);
  await folders(page).getByRole("link", { name: "Trash" }).click();
  await shows(page, ["an old boat", "a blue fish"]);
  await tiles(page).nth(1).click();
  await viewer(page).getByRole("button", { name: "Put back" }).click();
  await viewer(page).getByRole("img", { name: "an old boat" }).waitFor();
  await viewer(page).getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("dialog", { name: "Delete for good?" }).getByRole("button", { name: "Delete for good" }).click();
  await page.getByText("The trash is empty").waitFor();
  await view(page, "Gallery");
  await shows(page, ["a blue fish", "a red fox"]);
});

test("a picture is used again with all it was made from", async () => {
  const { page } = await ready("again@example.com");
  const settings = page.getByRole("complementary", { name: "Settings" });
  await settings.getByRole("radio", { name: "Portrait 16:9" }).check();
  await settings.getByText("More settings").click();
  await settings.getByLabel("Steps", { exact: true }).fill("7");
  await settings.getByRole("textbox", { name: "Seed" }).fill("1234567");
  await make(page, "a quiet street");
  await settings.getByRole("button", { name: "Reset settings" }).click();
  await page.getByLabel("What to make").fill("something else");
  await view(page, "Gallery");
  await tiles(page).first().click();
  await viewer(page).getByText("1234567").waitFor();
  await viewer(page).getByText("576 × 1024").waitFor();
  await viewer(page).getByRole("button", { name: "With this seed" }).click();
  await until("the prompt is back", async () => (await page.getByLabel("What to make").inputValue()) === "a quiet street");
  assert.equal(await settings.getByRole("radio", { name: "Portrait 16:9" }).isChecked(), true);
  assert.equal(await settings.getByLabel("Steps", { exact: true }).inputValue(), "7");
  assert.equal(await settings.getByRole("textbox", { name: "Seed" }).inputValue(), "1234567");
});

test("a second tab is signed in too, hears of new pictures, and is signed out with the first", async () => {
  const { page, open } = await collector("tabs@example.com");
  const second = await open("#/gallery");
  await shows(second, ["an old boat", "a blue fish", "a red fox"]);
  await make(page, "a green bird");
  await shows(second, ["a green bird", "an old boat", "a blue fish", "a red fox"]);
  await page.reload();
  await page.getByRole("region", { name: "Latest" }).getByRole("button", { name: "a green bird" }).waitFor();
  await view(page, "Account");
  await page.getByRole("button", { name: "Sign out" }).click();
  for (const tab of [page, second]) {
    await tab.getByRole("button", { name: "Sign in" }).waitFor();
    assert.equal(await tab.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]).includes("eyJ")), false);
  }
  await second.goto(`${URL_OF_PAGE}/#/gallery`);
  await second.getByLabel("E-mail").fill("tabs@example.com");
  await second.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await second.getByRole("button", { name: "Sign in" }).click();
  await shows(second, ["a green bird", "an old boat", "a blue fish", "a red fox"]);
});
