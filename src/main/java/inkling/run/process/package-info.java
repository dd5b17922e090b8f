/**
 * Programs started beside this one: {@link inkling.run.process.TrainingLauncher} (start here) begins Inkling's own commands as the launcher
 * would, {@link inkling.run.process.DesktopBrowser} opens a page.
 * The package must not know what the commands do.
 */
package inkling.run.process;
