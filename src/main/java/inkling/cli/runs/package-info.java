/**
 * Commands that list, compare and remove runs, and show them on a page.
 * Start with {@link inkling.cli.runs.RunsCommand}.
 * A command must not know other commands.
 */
package inkling.cli.runs;
