/** Has the server write a branch; `app` tells what comes. */
export async function writeBranch(app, branch) {
  app.tell('text', branch);
}
