// story.mjs [PICTURE [SEALED]]: seals a FAL key, opens it, and has a picture made.
//
// The key comes from FAL_KEY and is sealed into the file SEALED; without FAL_KEY, SEALED of an earlier run is opened. The
// password comes from GENERATIO_PASSWORD, and another address than FAL's from FAL_URL.

import { readFile, writeFile } from "node:fs/promises";
import { argv, env } from "node:process";
import { FalClient, GeneratioError, init, openToken, sealToken } from "generatio";

const REQUEST = {
  model: "flux/schnell",
  prompt: "a lighthouse in the fog",
  parameters: { image_size: { width: 1280, height: 1024 }, output_format: "png" },
};

async function unlocked(sealed) {
  const password = env.GENERATIO_PASSWORD ?? "";
  if (env.FAL_KEY) {
    await writeFile(sealed, await sealToken(env.FAL_KEY, password));
  }
  return openToken((await readFile(sealed, "utf8")).trim(), password);
}

function tell({ state, queuePosition, logs }) {
  console.log(queuePosition === undefined ? state : `${state}, ${queuePosition} ahead`);
  for (const { message } of logs) {
    console.log(`  ${message}`);
  }
}

/** Fetches a picture. Its address is public: no key goes there. */
async function save(url, picture) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!answer.ok) {
    throw new Error(`the picture's address answered ${answer.status}`);
  }
  await writeFile(picture, answer.body);
}

async function story(picture, sealed) {
  await init();
  const token = await unlocked(sealed);
  try {
    const fal = new FalClient(env.FAL_URL ? { url: env.FAL_URL } : {});
    const { model, prompt, parameters } = REQUEST;
    console.log(`price: $${fal.catalog.quote(model, prompt, parameters).fal.amount}`);
    const { images, cost } = await fal.generate(token, REQUEST, { onProgress: tell });
    await save(images[0].url, picture);
    console.log(`saved: ${picture} (${images[0].width}x${images[0].height})`);
    console.log(`cost: $${cost.fal.amount}`);
  } finally {
    token.lock();
  }
}

try {
  const [picture = "picture.png", sealed = "sealed-key.txt"] = argv.slice(2);
  await story(picture, sealed);
} catch (error) {
  const name = error instanceof GeneratioError ? ` (${error.code})` : "";
  console.error(`error: ${error.message}${name}`);
  if (error.details?.mayHaveBeenTaken) {
    console.error("FAL may have taken the request: look at your account before you try again.");
  }
  process.exitCode = 1;
}
