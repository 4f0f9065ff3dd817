// Fill and save workbooks as programs in JavaScript do.
//
// A JSON list of jobs comes on the standard input: {"library", "source", "target",
// "cells": {"J6": {"date" | "text" | "number": …}}}. Each job opens `source`, writes the
// cells into its first sheet as the library's users would, and saves `target`, in the
// format that its name asks for.
"use strict";

const { readFileSync } = require("node:fs");

const LIBRARIES = { exceljs: withExcelJs, sheetjs: withSheetJs };

async function withExcelJs({ source, target, cells }) {
  const ExcelJS = require("exceljs");
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.readFile(source);
  const sheet = workbook.worksheets[0];
  for (const [ref, { date, text, number }] of Object.entries(cells)) {
    // It takes a date as one of Greenwich.
    sheet.getCell(ref).value = date ? new Date(date) : text ?? number;
  }
  await workbook.xlsx.writeFile(target);
}

function withSheetJs({ source, target, cells }) {
  const XLSX = require("xlsx");
  const workbook = XLSX.readFile(source);
  const sheet = workbook.Sheets[workbook.SheetNames[0]];
  for (const [ref, { date, text, number }] of Object.entries(cells)) {
    // It takes a date as one of the place where the program runs.
    const [year, month, day] = (date ?? "").split("-").map(Number);
    const value = date ? new Date(year, month - 1, day) : text ?? number;
    XLSX.utils.sheet_add_aoa(sheet, [[value]], { origin: ref });
  }
  XLSX.writeFile(workbook, target);
}

async function main() {
  for (const job of JSON.parse(readFileSync(0, "utf8"))) {
    await LIBRARIES[job.library](job);
  }
}

main();
