// Before the first paint, hence a plain script: light or dark as this person chose, else as the system has it.
{
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const read = () => {
    try {
      return localStorage.getItem("generatio.theme");
    } catch {
      return null;
    }
  };
  const apply = () => {
    const chosen = read();
    root.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : system.matches ? "dark" : "light";
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("generatio:theme", apply);
}
