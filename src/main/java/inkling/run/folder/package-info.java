/**
 * The runs of a folder beside each other: {@link inkling.run.folder.RunFolder} (start here) lists and removes them,
 * {@link inkling.run.folder.RunSummary} describes one run by its files.
 * The package must not know commands, nor how a run is trained.
 */
package inkling.run.folder;
