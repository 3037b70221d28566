// The package under test: the built one, or what GENERATIO_PACKAGE names.
const entry = process.env.GENERATIO_PACKAGE ?? new URL("../../pkg/index.js", import.meta.url).href;
const { init, ...rest } = await import(entry);
await init();

export const { GeneratioClient, GeneratioError, UnlockedToken, accountSecret, sealToken } = rest;
