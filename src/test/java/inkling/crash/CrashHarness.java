package inkling.crash;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * {@code bench/crash/run [--kills N] [--workers N] [--seed N] [--precision P] [--no-disasters]}: trains in child processes, kills them at
 * random instants, resumes, and compares with an undisturbed run bit for bit. Then it tries the other faults ({@link Disasters}). It prints
 * a table, and exits with 1 if anything was lost.
 */
public final class CrashHarness {
    private CrashHarness() {}

    public static void main(String[] arguments) throws Exception {
        List<String> options = Arrays.asList(arguments);
        int kills = number(options, "--kills", 20);
        int workers = number(options, "--workers", 2);
        int seed = number(options, "--seed", 1);
        int precision = options.indexOf("--precision");
        if (precision >= 0) {
            System.setProperty(Trial.PRECISION, options.get(precision + 1));
        }
        System.exit(survives(kills, workers, seed, !options.contains("--no-disasters")) ? 0 : 1);
    }

    /** Whether nothing was lost; prints the table. */
    static boolean survives(int kills, int workers, int seed, boolean withDisasters) throws Exception {
        Path directory = Files.createTempDirectory("inkling-crash");
        long started = System.nanoTime();
        Path reference = directory.resolve("undisturbed");
        Trial.undisturbed(reference);
        List<Kills> struck = kill(directory, reference, kills, workers, seed);
        Map<String, String> disasters = withDisasters ? new Disasters(directory, reference).strike() : Map.of();
        boolean survived = print(struck, disasters);
        System.out.printf("%d s; %s%n", (System.nanoTime() - started) / 1_000_000_000, survived ? "nothing was lost" : "see " + directory);
        return survived;
    }

    private static int number(List<String> options, String name, int otherwise) {
        int at = options.indexOf(name);
        return at < 0 ? otherwise : Integer.parseInt(options.get(at + 1));
    }

    private static List<Kills> kill(Path directory, Path reference, int kills, int workers, int seed) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        List<Future<Kills>> running = new ArrayList<>();
        for (int w = 0; w < workers; w++) {
            int share = kills / workers + (w < kills % workers ? 1 : 0);
            Trial trial = Trial.in(directory.resolve("worker-" + w), reference);
            long workerSeed = seed * 1000L + w;
            running.add(threads.submit(() -> new Kills(trial, workerSeed).strike(share)));
        }
        List<Kills> struck = new ArrayList<>();
        for (Future<Kills> each : running) {
            struck.add(each.get());
        }
        threads.shutdown();
        return struck;
    }

    private static boolean print(List<Kills> struck, Map<String, String> disasters) {
        Map<Kills.Place, Integer> hits = new EnumMap<>(Kills.Place.class);
        struck.forEach(kills -> kills.hits().forEach((place, count) -> hits.merge(place, count, Integer::sum)));
        int lost = struck.stream().mapToInt(Kills::lost).sum();
        int all = hits.values().stream().mapToInt(Integer::intValue).sum();
        int inside = hits.entrySet().stream().filter(hit -> hit.getKey().insideSave()).mapToInt(Map.Entry::getValue).sum();
        System.out.printf("%-60s %6s %9s %6s%n", "fault", "tried", "survived", "lost");
        System.out.printf("%-60s %6d %9d %6d%n", "kill -9", all, all - Math.min(lost, all), lost);
        hits.forEach((place, count) -> System.out.printf("  %-58s %6d%n", place.words, count));
        System.out.printf("  %-58s %5d%%%n", "inside a save", all == 0 ? 0 : 100 * inside / all);
        System.out.printf("  %-58s %6d%n", "runs that ended; bits differ only where told as lost",
            struck.stream().mapToInt(Kills::ends).sum());
        boolean survived = lost == 0;
        for (Map.Entry<String, String> disaster : disasters.entrySet()) {
            boolean skipped = disaster.getValue().startsWith("skipped");
            boolean well = disaster.getValue().isEmpty();
            System.out.printf("%-60s %6d %9d %6d  %s%n", disaster.getKey(), skipped ? 0 : 1, well ? 1 : 0, well || skipped ? 0 : 1,
                disaster.getValue());
            survived &= well || skipped;
        }
        return survived;
    }
}
