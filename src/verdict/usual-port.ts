/** Where a KMS host listens unless it was told otherwise (slmgr.vbs /sprt), and clients with a host set by hand ask. */
export const KMS_PORT = 1688;
