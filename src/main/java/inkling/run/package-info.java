/**
 * Parts wired: {@link inkling.run.TrainRun} (start here) makes a run of a run file, {@link inkling.run.LoadedModel} opens what was
 * trained. Below it: {@code folder} has runs beside each other, {@code starter} a first run file, {@code process} commands that are started
 * as processes. The only package that may ask the environment, and the one that knows what lies in a run directory; it must not know
 * commands. Its 25 files are one thing, a run from its first step to its last: most of them are seen by no other package.
 */
package inkling.run;
