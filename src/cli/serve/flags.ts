export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export const LOG_FORMATS = ["logfmt", "json"] as const;

export type ServeFlags = {
  listen: string;
  config?: string;
  webConfig?: string;
  checkConfig: boolean;
  enableReload: boolean;
  logLevel: (typeof LOG_LEVELS)[number];
  logFormat: (typeof LOG_FORMATS)[number];
};
