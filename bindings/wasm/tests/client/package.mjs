// The package under test: the built one, or what GENERATIO_PACKAGE names.
const entry = process.env.GENERATIO_PACKAGE ?? new URL("../../pkg/index.js", import.meta.url).href;
const generatio = await import(entry);
await generatio.init?.();

export const { GeneratioClient, GeneratioError, UnlockedToken, accountSecret, inspectToken, openToken, pinOf, sealToken } =
  generatio;
