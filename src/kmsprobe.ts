import { compile, start } from "./start.ts";

start(__dirname, compile(__dirname, "program"), "program");
