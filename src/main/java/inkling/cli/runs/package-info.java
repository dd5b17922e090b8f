/**
 * Commands over runs that exist: listed, beside each other, on a page, removed.
 * Start with {@link inkling.cli.runs.RunsCommand}.
 * A command must not know other commands.
 */
package inkling.cli.runs;
