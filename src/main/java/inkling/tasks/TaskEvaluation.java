package inkling.tasks;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.errors.Problems;
import inkling.model.Gpt;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Measures a model at tasks. The items are read twice. The first time, every item of every task is checked, so that faults are reported
 * before any item is scored. The second time, the items are scored, a few at a time, in the order of the file. A {@link TaskJournal} keeps
 * the results, and an interrupted evaluation continues from them. An evaluation scores the same groups of items with and without an
 * interruption, so the results have the same bits.
 */
public final class TaskEvaluation {
    /** How many items are scored together. An interrupted evaluation continues at a multiple of this number. */
    static final int ITEMS_TOGETHER = 32;

    private final Scorer scorer;
    private final Tokenizer tokenizer;
    private final SpecialIds special;
    private final int contextLength;

    /** Receives the progress of an evaluation. */
    public interface Listener {
        /**
         * The scoring of a task begins.
         *
         * @param done how many items were scored before an interruption
         * @param items how many items the task has
         * @param remark about items that are longer than the model's context, if there are any
         */
        void begins(Task task, long done, long items, Optional<String> remark);

        /** {@code done} of {@code items} are scored now. */
        void scored(Task task, long done, long items);
    }

    /** Borrows the model: the caller closes it. Arrays are made in sub-managers of {@code manager}. */
    public TaskEvaluation(NDManager manager, Gpt gpt, Tokenizer tokenizer, SpecialIds special, ComputeContext context) {
        this.scorer = new Scorer(manager, gpt, context);
        this.tokenizer = tokenizer;
        this.special = special;
        this.contextLength = gpt.config().contextLength();
    }

    /** Counts all items, the items that are longer than the model's context, and the items with an ending that needs several windows. */
    private static final class Check {
        private final Task task;
        private long items;
        private long cut;
        private long parts;

        private Check(Task task) {
            this.task = task;
        }

        private Optional<String> remark(int contextLength) {
            String cuts = cut == 0 ? "" : "%,d of %,d items are longer than the context of %d tokens: their first tokens are not read"
                .formatted(cut, items, contextLength);
            String several = parts == 0 ? "" : "; in %,d items the ending alone is longer, and is scored in parts".formatted(parts);
            return cut == 0 ? Optional.empty() : Optional.of(task.file() + ": " + cuts + several);
        }
    }

    /**
     * The results of {@code tasks}, in their order. {@code stop} is asked before each item until it returns true. If it returns true before
     * all items are scored, the result is empty.
     *
     * @throws inkling.errors.ConfigException with a line for each of the first ten faulty items of each task, or if a task has no item.
     *     If a task's first item has none of the keys that mark its form, that task's later items are not checked
     */
    public Optional<List<TaskResult>> evaluate(List<Task> tasks, TaskJournal journal, Listener listener, BooleanSupplier stop) {
        Problems problems = new Problems();
        List<Check> checks = tasks.stream().flatMap(task -> problems.attempt(() -> check(task)).stream()).toList();
        problems.throwIfAny();
        List<TaskResult> results = new ArrayList<>();
        for (Check check : checks) {
            Optional<List<TaskResult>> found = evaluate(check, journal, listener, stop);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            results.addAll(found.get());
        }
        return Optional.of(results);
    }

    private Check check(Task task) {
        Check check = new Check(task);
        TaskRecords.read(task, (item, number) -> {
            List<List<Question.Window>> endings = question(item).endings();
            check.items++;
            check.cut += endings.stream().anyMatch(windows -> windows.stream().anyMatch(Question.Window::cut)) ? 1 : 0;
            check.parts += endings.stream().anyMatch(windows -> windows.size() > 1) ? 1 : 0;
        });
        return check;
    }

    private Optional<List<TaskResult>> evaluate(Check check, TaskJournal journal, Listener listener, BooleanSupplier stop) {
        Task task = check.task;
        List<double[]> before = journal.read(task);
        Tally tally = new Tally(task);
        listener.begins(task, before.size(), check.items, check.remark(contextLength));
        List<Question> waiting = new ArrayList<>();
        boolean[] stopped = {false};
        TaskRecords.read(task, (item, number) -> {
            stopped[0] = stopped[0] || stop.getAsBoolean();
            if (number < before.size()) {
                tally.add(before.get((int) number), item);
            } else if (!stopped[0]) {
                waiting.add(question(item));
                if (waiting.size() == ITEMS_TOGETHER || number + 1 == check.items) {
                    score(waiting, tally);
                    waiting.clear();
                    journal.keep(task, tally.items());
                    listener.scored(task, tally.count(), check.items);
                }
            }
        });
        journal.write(task, tally.items());
        return tally.count() == check.items ? Optional.of(tally.results()) : Optional.empty();
    }

    private Question question(Item item) {
        return Question.of(item, tokenizer, special, contextLength);
    }

    private void score(List<Question> questions, Tally tally) {
        List<Scorer.Score[]> scores = scorer.score(questions);
        for (int q = 0; q < questions.size(); q++) {
            tally.add(questions.get(q).item(), scores.get(q));
        }
    }
}
