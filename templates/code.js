// A button at every block of code that copies it. Without script there is none, and the code is selected by hand.
(() => {
  "use strict";
  const { copy, copied } = document.body.dataset;
  // Says to readers who do not see the button that it did its work.
  const said = document.createElement("p");
  said.className = "said";
  said.setAttribute("role", "status");
  document.body.append(said);

  // Where the clipboard is not given to pages (plain HTTP), the old way is to select and copy.
  const bySelection = (code) => {
    const selection = getSelection();
    selection.selectAllChildren(code);
    const done = document.execCommand("copy");
    selection.removeAllRanges();
    return done;
  };
  const write = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch { return bySelection(code); }
  };

  for (const block of document.querySelectorAll("main .code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = copy;
    let timer = 0;
    button.addEventListener("click", async () => {
      if (!await write(block.querySelector("code"))) return;
      button.textContent = said.textContent = copied;
      clearTimeout(timer);
      timer = setTimeout(() => { button.textContent = copy; said.textContent = ""; }, 2000);
    });
    block.append(button);
  }
})();
