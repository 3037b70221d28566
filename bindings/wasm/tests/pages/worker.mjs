import { report } from "./report.mjs";

const worker = new Worker("./working.mjs", { type: "module" });
report(
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error === undefined ? resolve(data.value) : reject(new Error(data.error)));
    worker.onerror = (event) => reject(new Error(event.message ?? "the worker did not start"));
  }),
);
