package inkling.cli.train;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.cli.terminal.StopSignals;
import inkling.errors.Printable;
import inkling.run.LoadedModel;
import inkling.tasks.Task;
import inkling.tasks.TaskEvaluation;
import inkling.tasks.TaskJournal;
import inkling.tasks.TaskLog;
import inkling.tasks.TaskResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code eval MODEL --tasks …}. */
final class EvalTasks implements TaskEvaluation.Listener {
    /** At most this many lines tell the progress of a task if there is no terminal. */
    private static final int PROGRESS_LINES = 10;

    private final List<Task> tasks;
    private long began;   // System.nanoTime() when scoring began
    private long doneBefore;   // items that an interrupted run of this command had scored
    private long lines;   // lines of progress due for all items scored so far, also by an interrupted run of this command

    private EvalTasks(List<Task> tasks) {
        this.tasks = tasks;
    }

    /**
     * Measures how well a model does tasks, and prints the figures. If the model is a checkpoint of a run, they are also added to the run's
     * {@code tasks.csv}. Returns the exit code.
     */
    static int run(LoadedModel model, List<Task> tasks, StopSignals signals, boolean json) {
        TaskEvaluation evaluation = new TaskEvaluation(model.manager(), model.gpt(), model.requireTokenizer("eval --tasks"),
            model.specialIds(), model.context());
        EvalTasks display = new EvalTasks(tasks);
        List<TaskResult> results;
        Path journals = CommandEnvironment.RUNS.resolve(".tasks");
        try (TaskJournal journal = TaskJournal.open(journals, model.fingerprint(), Console.err()::println)) {
            Optional<List<TaskResult>> found = evaluation.evaluate(tasks, journal, display, signals);
            if (found.isEmpty()) {
                Console.err().println("Stopped. The same command goes on from here.");
                return signals.exitCode().code();
            }
            results = found.get();
            model.checkpoint().ifPresent(checkpoint -> TaskLog.add(checkpoint.run(), checkpoint.step(), results));
            journal.done();
        }
        print(results, json);
        return 0;
    }

    private static void print(List<TaskResult> results, boolean json) {
        if (json) {
            Json.print(Map.of("tasks", results.stream().map(TaskResult::json).toList()));
            return;
        }
        int name = results.stream().mapToInt(result -> result.nameAmong(results).length()).max().orElse(0);
        for (TaskResult result : results) {
            boolean share = !result.metric().equals("perplexity");
            Console.out().println(text("%-" + name + "s  %-10s  %s%s  %s%s", result.nameAmong(results), result.metric(),
                share ? percent(result.value()) : text("%8.2f", result.value()),
                result.stderr().isEmpty() ? "" : " ± " + (share ? percent(result.stderr().getAsDouble()).strip()
                    : text("%.2f", result.stderr().getAsDouble())), Printable.counted(result.items(), "item"),
                result.chance().isPresent() ? ", guessing gives " + percent(result.chance().getAsDouble()).strip() : ""));
        }
    }

    private static String percent(double share) {
        return text("%6.2f %%", 100 * share);
    }

    @Override
    public void begins(Task task, long done, long items, Optional<String> remark) {
        began = System.nanoTime();
        doneBefore = done;
        lines = done * PROGRESS_LINES / items;
        remark.ifPresent(Console.err()::println);
        Console.err().println(text("%s: %s%s", task.nameAmong(tasks), Printable.counted(items, "item"),
            done == 0 ? "" : text("; %,d of them were done before", done)));
    }

    @Override
    public void scored(Task task, long done, long items) {
        double seconds = (System.nanoTime() - began) / 1e9;
        double left = seconds / (done - doneBefore) * (items - done);
        String line = text("%s: %,d of %s, %s left", task.nameAmong(tasks), done, Printable.counted(items, "item"), TimeLeft.text(left));
        if (Console.isTerminal()) {
            Console.err().print("\r" + line + "\u001b[K" + (done == items ? System.lineSeparator() : ""));
            Console.err().flush();
        } else if (done * PROGRESS_LINES / items > lines) {
            lines = done * PROGRESS_LINES / items;
            Console.err().println(line);
        }
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
