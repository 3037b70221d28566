import * as G from "./node_modules/generatio/index.js";
import { report } from "./report.mjs";

const run = async () => {
  await G.init();
  const fal = new G.FalClient({ url: location.search.slice(1) });
  const token = G.UnlockedToken.from("planted-key-id:planted0secret0of0the0fal0key");
  await fal.checkKey(token);
  const parameters = { num_images: 2, image_size: { width: 64, height: 64 } };
  const { images } = await fal.generate(token, { model: "flux/schnell", prompt: "a fox", parameters });
  token.lock();
  return images.length;
};
report(run());
