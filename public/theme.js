// Sets theme and language before the first paint; kept apart from the modules because those run after it.
(() => {
  const root = document.documentElement;
  let theme = 'system';
  let locale = null;
  try {
    theme = localStorage.getItem('tabtune.theme') ?? theme;
    locale = localStorage.getItem('tabtune.locale');
  } catch {
    // Storage may be blocked; the defaults serve.
  }
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  root.lang = locale ?? (/^zh\b/i.test(navigator.language) ? 'zh-CN' : 'en');
})();
