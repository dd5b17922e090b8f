/**
 * Connects the parts of a run: {@link inkling.run.TrainRun} (start here) trains what a run file asks for, {@link inkling.run.LoadedModel}
 * opens a trained model. The packages below this one: {@code folder} lists and removes runs, {@code starter} writes a first run file,
 * {@code process} starts commands as processes. In this module only this package and those below it call {@code System.getenv}, apart from
 * {@code engine}, which reads variables for computing. This package knows how the files of a run directory belong together; it must not
 * know commands. Its 25 files are in one package because they deal with one thing: a single run and its model.
 */
package inkling.run;
