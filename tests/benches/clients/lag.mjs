// One call of FAL's own JavaScript client for each line of input: `node lag.mjs URL [MODE]`; without a mode, the client's
// own choice.
//
// A line is a prompt. The answer to it is a line of JSON: when the call began and returned, microseconds since 1970.
import { createFalClient } from "@fal-ai/client";
import { createInterface } from "node:readline";

const [standIn, mode] = process.argv.slice(2);

// The client is left as it is and believes it speaks with FAL; only where its requests go is changed.
const toStandIn = (url, options) => {
  const { pathname, search } = new URL(url);
  return fetch(new URL(pathname + search, standIn), options);
};
const fal = createFalClient({ credentials: "bench:secret", fetch: toStandIn });

const nowUs = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

for await (const prompt of createInterface({ input: process.stdin })) {
  const input = { prompt, image_size: "square", num_images: 1 };
  const began_us = nowUs();
  const { data } = await fal.subscribe("fal-ai/flux/schnell", { input, mode });
  const returned_us = nowUs();
  if (data.images.length !== 1) throw new Error(`no picture: ${JSON.stringify(data)}`);
  console.log(JSON.stringify({ began_us, returned_us }));
}
