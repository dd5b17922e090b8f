/**
 * A first run file for a user's own text. {@link inkling.run.starter.StarterFile} (start here) chooses the values. They depend on
 * {@link inkling.run.starter.StarterText}, the facts about the text, and on how many updates this machine makes in the minutes
 * that the user gives.
 * The package must not know commands, nor runs that exist.
 */
package inkling.run.starter;
