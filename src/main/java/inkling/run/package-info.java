/**
 * Connects the parts of a run: {@link inkling.run.TrainRun} (start here) trains what a run file asks for, {@link inkling.run.LoadedModel}
 * opens a trained model. Below it: {@code folder} lists runs, {@code starter} writes a first run file, {@code process} starts commands as
 * processes. Environment variables are read only here and below; {@code engine} reads those of libtorch. The package knows how the files of
 * a run directory belong together; it must not know commands. Its 25 files are one thing, a run from its first step to its last.
 */
package inkling.run;
