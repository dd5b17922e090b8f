package inkling.tasks;

import inkling.tasks.Scorer.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The results of a task's items so far, two numbers for each item:
 * <ul>
 * <li>Multiple choice: the first number is 1 if the ending with the highest log-probability is the right one, else 0. The second number is
 *     the same for the log-probability per byte.
 * <li>Last word: the first number is 1 if each token of the word is the likeliest at its place, else 0. The second number is the word's
 *     log-probability in nats.
 * </ul>
 */
final class Tally {
    private final Task task;
    private final List<double[]> items = new ArrayList<>();
    private double chances;   // the sum of each item's chance to be guessed right

    Tally(Task task) {
        this.task = task;
    }

    private boolean isLastWord() {
        return task.form() == Task.Form.LAMBADA;
    }

    /** Adds an item. If several endings are the likeliest, the first is the model's choice. */
    void add(Item item, Score[] scores) {
        if (isLastWord()) {
            add(new double[] {scores[0].greedy() ? 1 : 0, scores[0].logProbability()}, item);
            return;
        }
        int likeliest = 0;
        int byByte = 0;
        for (int e = 1; e < scores.length; e++) {
            likeliest = scores[e].logProbability() > scores[likeliest].logProbability() ? e : likeliest;
            byByte = perByte(item, scores, e) > perByte(item, scores, byByte) ? e : byByte;
        }
        add(new double[] {likeliest == item.label() ? 1 : 0, byByte == item.label() ? 1 : 0}, item);
    }

    private static double perByte(Item item, Score[] scores, int ending) {
        return scores[ending].logProbability() / item.endings().get(ending).bytes();
    }

    /** Adds an item whose two numbers are known already. */
    void add(double[] numbers, Item item) {
        items.add(numbers);
        chances += 1.0 / item.endings().size();
    }

    long count() {
        return items.size();
    }

    /** The two numbers of each item, in order. */
    List<double[]> items() {
        return items;
    }

    /** The figures of the task over all items that were added. */
    List<TaskResult> results() {
        if (isLastWord()) {
            Mean nats = mean(1);
            double perplexity = Math.exp(-nats.value);
            return List.of(result("acc", mean(0), OptionalDouble.empty()),
                result("perplexity", new Mean(perplexity, perplexity * nats.error), OptionalDouble.empty()));
        }
        OptionalDouble chance = OptionalDouble.of(chances / items.size());
        return List.of(result("acc", mean(0), chance), result("acc_norm", mean(1), chance));
    }

    private TaskResult result(String metric, Mean mean, OptionalDouble chance) {
        return new TaskResult(task.name(), task.file().toAbsolutePath().normalize(), metric, mean.value,
            items.size() < 2 ? OptionalDouble.empty() : OptionalDouble.of(mean.error), items.size(), chance);
    }

    private record Mean(double value, double error) {}

    /** The mean of the first or second number over all items, and its standard error: the sample's standard deviation / √n. */
    private Mean mean(int number) {
        double n = items.size();
        double value = items.stream().mapToDouble(item -> item[number]).sum() / n;
        double squares = items.stream().mapToDouble(item -> (item[number] - value) * (item[number] - value)).sum();
        return new Mean(value, Math.sqrt(squares / (n - 1) / n));
    }
}
