/**
 * Connects the parts of a run: {@link inkling.run.TrainRun} (start here) trains what a run file asks for, {@link inkling.run.LoadedModel}
 * opens a trained model. Below it: {@code folder} lists runs, {@code starter} writes a first run file, {@code process} starts commands as
 * processes. Environment variables are read only here and, where they are libtorch's own, in {@code engine}. The package alone knows what
 * lies in a run directory; it must not know commands. Its 25 files are one thing, a run from its first step to its last.
 */
package inkling.run;
