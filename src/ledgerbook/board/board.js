"use strict";
// Everything is shown as text nodes: no text of a return is ever parsed as markup.
(() => {
  const board = JSON.parse(document.getElementById("data").textContent);
  const figures = board.figures;
  const PAGE = 50;
  const SHORT_PAGE = 10;
  const [OVERDUE, DUE_SOON, DONE_LATE] = board.urgencies;
  const LIGHTS = { 红: "red", 黄: "amber", 绿: "green", 未判: "none" };
  const FILLS = { 已完成: "done", 进行中: "doing", 长期: "ongoing", 未开始: "todo" };
  const find = (id) => document.getElementById(id);

  // --- elements ---

  function make(tag, properties, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (name === "class") element.className = value;
      else if (name === "onclick") element.addEventListener("click", value);
      else if (value !== null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  }

  const makeLight = (light) => make("span", { class: `light ${LIGHTS[light]}` }, light);
  const formatRate = (rate) => (rate === null ? "—" : `${(rate * 100).toFixed(1)}%`);

  function formatPlace(file, sheet, cell) {
    return [file, sheet && `工作表“${sheet}”`, cell && `单元格 ${cell}`].filter(Boolean).join(" › ");
  }

  const makePlace = (...parts) => {
    const text = formatPlace(...parts);
    return text ? make("span", { class: "place" }, `出处：${text}`) : null;
  };

  const makeReasons = (line) => (line.reasons.length ? make("span", { class: "reasons" }, line.reasons.join("；")) : "");
  const makeMore = (...texts) => make("span", { class: "more" }, ...texts.filter(Boolean).map((text) => make("span", {}, text)));

  // A list that shows a page of its items, and the next one when asked to.
  function fillList(list, items, makeItem, size = PAGE) {
    list.textContent = "";
    const showNext = (start) => {
      list.append(...items.slice(start, start + size).map(makeItem));
      const left = items.length - start - size;
      if (left <= 0) return null;
      const more = make("button", { type: "button", class: "next" }, `再显示 ${Math.min(size, left)} 条（还有 ${left} 条）`);
      const item = make("li", {}, more);
      more.addEventListener("click", () => {
        item.remove();
        const first = list.children.length;
        showNext(start + size);
        const next = list.children[first].querySelector("button");
        if (next) next.focus();
      });
      list.append(item);
      return item;
    };
    showNext(0);
  }

  // A line that opens: its panel is made when it is first asked for.
  let panels = 0;
  function makeOpening(cells, makePanel) {
    panels += 1;
    const panel = make("div", { class: "panel", id: `panel-${panels}`, hidden: "" });
    const button = make("button", { type: "button", class: "row", "aria-expanded": "false", "aria-controls": panel.id }, ...cells);
    button.addEventListener("click", () => {
      if (!panel.hasChildNodes()) panel.append(...makePanel().filter(Boolean));
      panel.hidden = !panel.hidden;
      button.setAttribute("aria-expanded", String(!panel.hidden));
    });
    return make("li", {}, button, panel);
  }

  // How many lines have which light; with an action each is a button.
  function fillTally(list, lines, onclick = null) {
    const counts = Object.keys(LIGHTS).map((light) => [light, lines.filter((line) => line.light === light).length]);
    const show = onclick ? (light, text) => make("button", { type: "button", class: "chip", onclick: () => onclick(light) }, ...text)
      : (light, text) => make("span", { class: "chip" }, ...text);
    list.append(...counts.filter(([, count]) => count).map(([light, count]) => show(light, [makeLight(light), ` ${count}`])));
  }

  function makeBar(line) {
    const bar = make("span", { class: "bar", "aria-hidden": "true" });
    line.statuses.forEach((count, i) => {
      if (!count) return;
      const part = make("i", { class: FILLS[figures.statuses[i].meaning] || "other" });
      part.style.flex = String(count);
      bar.append(part);
    });
    return bar;
  }

  // --- figures: each is a button that lists what it counts ---

  function makeChip(label, count, filters, kind = "") {
    const figure = make("button", { type: "button", class: `chip ${count ? kind : ""}`, onclick: () => showTasks(filters) });
    if (filters.fill) figure.append(make("span", { class: `swatch ${filters.fill}`, "aria-hidden": "true" }));
    figure.append(`${label} ${count}`);
    return figure;
  }

  // basis: "row" counts rows of sections, "task" tasks; others: filters that hold as well.
  function makeChips(line, basis, others = {}) {
    const chips = figures.statuses.map((status, i) =>
      makeChip(status.text, line.statuses[i], { ...others, status: `${basis}:${status.text}`, fill: FILLS[status.meaning] || "other" }));
    const kinds = { [OVERDUE]: "red", [DUE_SOON]: "amber" };
    const judged = board.urgencies.map((urgency, i) =>
      makeChip(urgency, line.by_urgency[i], { ...others, urgency: `${basis}:${urgency}` }, kinds[urgency]));
    const shown = [...chips, ...judged].filter((chip, i) => i >= chips.length || line.statuses[i]);
    return make("div", { class: "chips" }, ...shown);
  }

  function showOverview() {
    const rows = figures.rows;
    const [overdue, dueSoon, doneLate] = rows.by_urgency;
    const late = board.limits.filter((limit) => limit.status === OVERDUE).length;
    const round = board.round ? `（${board.round}${board.round_due && `，应报 ${board.round_due}`}）` : "";
    const goTo = (id) => () => jump(id);
    const tiles = [
      ["任务总数（项）", figures.tasks.total, "", () => showTasks({})],
      ["科室任务数（件）", rows.total, "", () => showTasks({})],
      ["完成率（按科室任务）", formatRate(rows.rate), "", goTo("sections")],
      ["逾期（件）", overdue, "red", () => showTasks({ urgency: `row:${OVERDUE}` })],
      ["临期（件）", dueSoon, "amber", () => showTasks({ urgency: `row:${DUE_SOON}` })],
      ["超期完成（件）", doneLate, "", () => showTasks({ urgency: `row:${DONE_LATE}` })],
      [`报送科室${round}`, `${figures.returned_section_count}/${figures.section_count}`, "", goTo("sections")],
      ["要改正（处）", board.problem_count, "amber", goTo("problems")],
      ["超过法定期限（件）", late, "red", goTo("registers")],
    ].filter(([label]) => board.registers.length || !label.startsWith("超过法定"));
    find("tiles").append(...tiles.map(([label, value, kind, onclick]) =>
      make("li", {}, make("button", { type: "button", class: `tile ${value ? kind : ""}`, onclick },
        make("b", {}, String(value)), make("span", {}, label)))));
    for (const [label, unit, line, basis] of [["任务", "项", figures.tasks, "task"], ["科室任务", "件", rows, "row"]]) {
      find("lines").append(make("div", { class: "line" },
        make("p", {}, `${label}（${unit}）：总数 ${line.total}，完成率 ${formatRate(line.rate)}`), makeBar(line), makeChips(line, basis)));
    }
    find("subtitle").textContent = `汇总日期：${board.day}。各项数字和年度汇总的“总览”一致；点数字，看它算的是哪些任务。不含个人信息。`;
    find("foot").textContent = `科室任务：一个科室承担的一项任务，算一件。点开任务，看每个科室填的内容出自哪个文件、哪张表、哪一格。`;
    const part = find("requirements");
    part.querySelector("summary").textContent = `各项工作要求的落实情况（${figures.by_requirement.length} 项，科室任务，件）`;
    fillList(part.querySelector("ul"), figures.by_requirement, (line) => make("li", { class: "plain" },
      make("div", { class: "text" }, line.label || "（原文未列工作要求）"),
      make("p", { class: "note" }, `总数 ${line.total}，完成率 ${formatRate(line.rate)}`),
      makeBar(line), makeChips(line, "row", { requirement: line.label })));
  }

  // --- rounds ---

  function showRounds() {
    if (!board.rounds.length) find("rounds-part").hidden = true;
    const describe = (basis, tally, absent = "没有报送") => make("p", {},
      `${basis}：报送 ${tally.returned}/${tally.asked} 个科室，科室任务 ${tally.rows} 件，已完成 ${tally.completed} 件，完成率 ${formatRate(tally.rate)}`,
      tally.missing.length ? make("span", { class: "note" }, `；${absent}：${tally.missing.join("、")}`) : "");
    fillList(find("round-list"), board.rounds, (round) => make("li", { class: "plain" },
      make("b", {}, round.name), round.due ? make("span", { class: "note" }, `　应报日期 ${round.due}`) : "",
      round.at_due ? describe("截止", round.at_due) : "",
      round.at_due ? describe("含补报", round.with_late) : describe("至今", round.with_late, "还没有报")));
  }

  // --- sections ---

  function showSections() {
    const gravity = ["红", "黄", "未判", "绿"];
    const sections = [...board.sections].sort((a, b) => gravity.indexOf(a.light) - gravity.indexOf(b.light));
    fillTally(find("section-tally"), sections);
    fillList(find("section-list"), sections, (section) => {
      const line = section.figures;
      return makeOpening([
        makeLight(section.light),
        make("span", { class: "main" }, make("b", { class: "text" }, section.name), makeBar(line), makeReasons(section)),
        make("span", {}, section.standing),
        makeMore(`${line.total} 件`, section.has_rate ? `完成 ${formatRate(line.rate)}` : ""),
      ], () => makeSectionPanel(section));
    });
  }

  function makeSectionPanel(section) {
    const kinds = { 按期报送: "green", 已报送: "green", 补报: "amber", 没有报送: "red" };
    const problems = board.problems.filter((problem) => problem.section === section.name);
    const limits = board.limits.filter((limit) => limit.section === section.name);
    return [
      section.reasons.length ? null : make("p", {}, "没有要催办的。"),
      makeChips(section.figures, "row", { section: section.name }),
      make("button", { type: "button", class: "chip", onclick: () => showTasks({ section: section.name }) }, `看它的 ${section.figures.total} 件任务`),
      ...(section.rounds.length ? [make("h3", {}, "各批次"), make("div", { class: "chips" }, ...section.rounds.map(([round, state]) =>
        make("span", { class: `chip ${kinds[state] || ""}` }, `${round}：${state}`)))] : []),
      ...(limits.length ? [make("h3", {}, "法定期限"), makeSublist(limits, makeLimit)] : []),
      ...(problems.length ? [make("h3", {}, "要改正的内容"), makeSublist(problems, makeProblem)] : []),
      section.files.length ? make("p", { class: "place text" }, `报来的文件：${section.files.join("、")}`) : null,
    ];
  }

  function makeSublist(items, makeItem) {
    const list = make("ul", { class: "list" });
    fillList(list, items, makeItem);
    return list;
  }

  // --- registers ---

  function makeLimit(limit) {
    return make("li", { class: "plain" },
      make("span", { class: `chip ${limit.status === OVERDUE ? "red" : "amber"}` }, limit.status), ` ${limit.section}，${limit.register}`,
      limit.entry ? make("span", { class: "text" }, `：${limit.entry}`) : "", `，${limit.limit} ${limit.due}，${limit.time}`,
      make("div", {}, makePlace(limit.file, limit.sheet, limit.cell)));
  }

  function showRegisters() {
    if (!board.registers.length) find("registers-part").hidden = true;
    fillList(find("register-list"), board.registers, (register) => make("li", { class: "plain" },
      make("b", {}, register.title), ` 登记 ${register.entries} 条`,
      register.counts.length ? make("div", { class: "chips" }, ...register.counts.map(([status, count]) =>
        make("span", { class: `chip ${count ? { 逾期: "red", 临期: "amber" }[status] || "" : ""}` }, `${status} ${count}`))) : ""));
    find("limit-note").textContent = board.limits.length
      ? `没有办结、超过或者快到法定期限的 ${board.limits.length} 件：` : "没有超过或者快到法定期限的登记。";
    fillList(find("limit-list"), board.limits, makeLimit, SHORT_PAGE);
  }

  // --- tasks ---

  const filters = ["light", "section", "requirement", "status", "urgency"];

  function fillSelect(id, groups) {
    const select = find(id);
    select.append(make("option", { value: "" }, "全部"));
    for (const [label, options] of groups) {
      const made = options.map(([value, text]) => make("option", { value }, text));
      select.append(...(label ? [make("optgroup", { label }, ...made)] : made));
    }
    select.addEventListener("change", showMatches);
  }

  function fillFilters() {
    const same = (texts) => texts.map((text) => [text, text]);
    const both = (texts) => [["row", "按科室任务"], ["task", "按任务"]].map(([basis, label]) => [label, texts.map((text) => [`${basis}:${text}`, text])]);
    fillSelect("light", [["", same(Object.keys(LIGHTS))]]);
    fillSelect("section", [["", same(board.sections.map((section) => section.name))]]);
    // A requirement may be blank: its number is the value.
    fillSelect("requirement", [["", figures.by_requirement.map((line, i) => [String(i), line.label || "（原文未列工作要求）"])]]);
    fillSelect("status", both(figures.statuses.map((status) => status.text)));
    fillSelect("urgency", both(board.urgencies));
    fillTally(find("task-tally"), board.tasks, (light) => showTasks({ light }));
    let timer = 0;
    find("search").addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(showMatches, 150);
    });
    find("filters").addEventListener("submit", (event) => event.preventDefault());
    find("clear").addEventListener("click", () => {
      find("filters").reset();
      showMatches();
    });
  }

  const clean = (text) => text.normalize("NFKC").toLowerCase();
  const searched = new Map();
  function getSearched(item, list) {
    if (!searched.has(item)) searched.set(item, clean(list(item).join("\n")));
    return searched.get(item);
  }
  const getRequirement = (task) => figures.by_requirement[task.requirement].label;
  const listTaskTexts = (task) => [String(task.number), getRequirement(task), task.point, task.measure, task.status];
  const listRowTexts = (row) => [row.section, row.status, row.code,
    ...row.answers.map(([, text]) => text), ...row.answers.map(([, , file]) => board.files[file])];

  const fits = (wanted, basis, value) => !wanted.startsWith(`${basis}:`) || wanted.slice(basis.length + 1) === value;

  // Return the tasks that all filters leave, each with its rows that they leave.
  function findMatches() {
    const [light, section, requirement, status, urgency] = filters.map((id) => find(id).value);
    const words = clean(find("search").value).split(/\s+/).filter(Boolean);
    const asksRows = section || status.startsWith("row:") || urgency.startsWith("row:");
    const matches = [];
    for (const task of board.tasks) {
      if (light && task.light !== light) continue;
      if (requirement && task.requirement !== Number(requirement)) continue;
      if (!fits(status, "task", task.status) || !fits(urgency, "task", task.urgency)) continue;
      const rest = words.filter((word) => !getSearched(task, listTaskTexts).includes(word));
      const rows = task.rows.filter((row) => (!section || row.section === section)
        && fits(status, "row", row.status) && fits(urgency, "row", row.urgency)
        && (!rest.length || rest.every((word) => getSearched(row, listRowTexts).includes(word))));
      if (rows.length || (!task.rows.length && !asksRows && !rest.length)) matches.push({ task, rows });
    }
    return matches;
  }

  function showMatches() {
    const matches = findMatches();
    const rowCount = matches.reduce((sum, match) => sum + match.rows.length, 0);
    find("count").textContent = `列出任务 ${matches.length} 项，科室任务 ${rowCount} 件。`;
    fillList(find("task-list"), matches, makeTask);
  }

  function makeTask({ task, rows }) {
    const isOverdue = task.urgency === OVERDUE;
    return makeOpening([
      makeLight(task.light),
      make("span", { class: "main" }, make("span", { class: "measure text" }, `${task.number}　${task.measure}`),
        makeReasons(task)),
      make("span", {}, `${task.status} `, task.urgency ? make("span", { class: `chip ${isOverdue ? "red" : "amber"}` }, task.urgency) : ""),
      makeMore(task.due ? `期限 ${task.due}` : "", `${rows.length} 个科室`),
    ], () => [
      make("dl", {}, ...[["工作要求", getRequirement(task)], ["工作要点", task.point]].filter(([, text]) => text)
        .flatMap(([label, text]) => [make("dt", {}, label), make("dd", { class: "text" }, text)])),
      ...rows.map(makeRow),
    ]);
  }

  function makeRow(row) {
    const kinds = { [OVERDUE]: "red", [DUE_SOON]: "amber" };
    // Where all answers are from one sheet, it is named once, and each has its cell.
    const sheets = new Set(row.answers.map(([, , file, sheet]) => JSON.stringify([file, sheet])));
    const [file, sheet] = sheets.size === 1 ? JSON.parse([...sheets][0]) : [];
    const answers = row.answers.flatMap(([column, text, ownFile, ownSheet, cell]) => [
      make("dt", {}, board.columns[column]),
      make("dd", {}, make("span", { class: "text" }, text), " ",
        sheets.size === 1 ? make("span", { class: "place" }, formatPlace("", "", cell)) : makePlace(board.files[ownFile], ownSheet, cell))]);
    return make("div", { class: "answers" },
      make("h3", {}, `${row.section}${row.roles ? `（${row.roles}）` : ""}：${row.status} `,
        row.urgency ? make("span", { class: `chip ${kinds[row.urgency] || ""}` }, [row.urgency, row.time].filter(Boolean).join("，")) : ""),
      make("p", { class: "place" }, `行码 ${row.code}${row.due ? `，期限 ${row.due}` : ""}`),
      sheets.size === 1 ? make("p", {}, makePlace(board.files[file], sheet)) : "",
      answers.length ? make("dl", {}, ...answers) : make("p", { class: "note" }, "没有填报的内容。"));
  }

  // Show in the list what a figure counts, and nothing else.
  function showTasks(wanted) {
    find("filters").reset();
    for (const id of ["light", "section", "status", "urgency"]) find(id).value = wanted[id] || "";
    if ("requirement" in wanted) find("requirement").value = String(figures.by_requirement.findIndex((line) => line.label === wanted.requirement));
    showMatches();
    jump("tasks");
  }

  function jump(id) {
    find(id).scrollIntoView();
    find(id).focus({ preventScroll: true });
  }

  // --- problems ---

  function makeProblem(problem) {
    return make("li", { class: "plain" },
      make("b", { class: "text" }, problem.section || "不知道是哪个科室的"), problem.count > 1 ? `（${problem.count} 处）` : "",
      make("p", { class: "text" }, `${problem.message}${problem.advice}`), makePlace(problem.file, problem.sheet, problem.cell));
  }

  function showProblems() {
    find("problem-note").textContent = board.problem_note || (board.problems.length ? `共 ${board.problem_count} 处，同样的写在一起。` : "没有要改正的内容。");
    fillList(find("problem-list"), board.problems, makeProblem);
  }

  find("row-note").textContent = board.row_note;
  find("row-note").hidden = !board.row_note;
  showOverview();
  showRounds();
  showSections();
  showRegisters();
  fillFilters();
  showMatches();
  showProblems();
})();
