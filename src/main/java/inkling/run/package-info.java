/**
 * Connects the parts of a run: {@link inkling.run.TrainRun} (start here) trains what a run file asks for, {@link inkling.run.LoadedModel}
 * opens a trained model. The packages below this one: {@code folder} lists runs, {@code starter} writes a first run file, {@code process}
 * starts commands as processes. Only these packages call {@code System.getenv}, apart from {@code engine}, which reads the variables of
 * libtorch. This package knows how the files of a run directory belong together; it must not know commands. Its 25 files are in one
 * package because all of them deal with one thing: a single run and its model.
 */
package inkling.run;
