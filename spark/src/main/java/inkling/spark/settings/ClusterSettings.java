package inkling.spark.settings;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.run.LauncherSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The settings of Spark for training and tokenizing. The main ones, and the reasons:
 * <pre>
 * spark.task.cpus = spark.executor.cores   one task at a time in a process, which has one random generator for dropout;
 *                                          with --master local, task.cpus is 1
 * spark.speculation false                  a second copy of a slow worker would only take cores away
 * spark.authenticate, network.crypto true  without them, whoever reaches a port could run code as the user; not needed on one machine
 * spark.master.rest.enabled false          port 6066 takes jobs from anybody
 * shuffle.compress, broadcast.compress     false: weights are like noise, which compression does not make smaller
 * spark.inkling.executorWaitSeconds        Inkling's own setting: how long to wait for the first process that trains
 * </pre>
 *
 * @param master Spark's master, e.g. {@code local} or {@code spark://HOST:PORT}
 * @param settings the settings that Spark gets; for all others, those of {@code spark-submit} or Spark's own defaults hold
 */
public record ClusterSettings(String master, Map<String, String> settings) {
    /** The environment variable that holds the secret of a cluster of several machines. */
    public static final String SECRET = "INKLING_CLUSTER_SECRET";

    private static final Pattern LOCAL_CLUSTER =
        Pattern.compile("local-cluster\\[\\s*([0-9]{1,4})\\s*,\\s*([0-9]{1,4})\\s*,\\s*([0-9]{1,7})\\s*]");
    private static final Pattern STANDALONE = Pattern.compile("spark://[^,/]+:[0-9]+(,[^,/]+:[0-9]+)*");
    private static final String WAIT = "spark.inkling.executorWaitSeconds";
    private static final String LOOPBACK = "127.0.0.1";
    private static final String BIND = "spark.driver.bindAddress";
    private static final String LOCAL_IP = "SPARK_LOCAL_IP";         // if unset, the launcher sets it to 127.0.0.1
    private static final String LOCAL_NAME = "SPARK_LOCAL_HOSTNAME"; // Spark prefers it to SPARK_LOCAL_IP
    private static final int MAX_FAILURES = 8;   // so many failures of one worker end a round; with --master local, one

    public ClusterSettings {
        settings = Map.copyOf(settings);
    }

    /**
     * The settings for a master.
     *
     * @param given the settings that the user gave with {@code --conf}
     * @param environment the environment variables
     * @throws ConfigException if one of {@code given} contradicts a needed setting, or if the master is unknown or not secure
     */
    public static ClusterSettings of(String master, Map<String, String> given, Map<String, String> environment) {
        requireKnown(master);
        refuse(given, "spark.speculation", "false",
            "A second copy of a slow worker takes cores from the others and changes nothing. Leave it out.");
        refuse(given, "spark.master.rest.enabled", "false", "Port 6066 takes jobs from anybody who reaches it. Leave it out.");
        Map<String, String> all = new TreeMap<>(given);
        all.put("spark.speculation", "false");
        all.put("spark.master.rest.enabled", "false");
        all.putIfAbsent("spark.ui.enabled", "false");
        all.putIfAbsent("spark.ui.showConsoleProgress", "false");
        all.putIfAbsent("spark.log.level", "FATAL");   // Inkling's own messages report faults; executors keep their logs
        all.putIfAbsent("spark.task.maxFailures", Integer.toString(MAX_FAILURES));
        all.putIfAbsent("spark.shuffle.compress", "false");
        all.putIfAbsent("spark.broadcast.compress", "false");
        all.putIfAbsent("spark.executor.extraJavaOptions", "-XX:+UseSerialGC -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError"
            + " -Duser.language=en -Duser.country=US");
        LauncherSettings.all().forEach((name, value) -> all.putIfAbsent("spark.executorEnv." + name, value));
        all.putIfAbsent(WAIT, "180");
        slots(master, all);
        if (isOnThisMachine(master)) {
            all.putIfAbsent("spark.driver.host", LOOPBACK);
            all.putIfAbsent(BIND, LOOPBACK);
        }
        secure(master, all, environment);
        return new ClusterSettings(master, all);
    }

    /**
     * Starts Spark. The caller closes the context.
     *
     * @param name the job's name in the cluster
     * @throws ConfigException if Spark does not start
     */
    public JavaSparkContext start(String name) {
        SparkConf conf = new SparkConf().setMaster(master).setAppName("inkling " + name);
        settings.forEach(conf::set);
        try {
            return new JavaSparkContext(conf);
        } catch (Exception e) {   // Scala throws the checked SparkException undeclared, so Java cannot catch it by name
            throw new ConfigException("--master %s: Spark does not start: %s".formatted(master, FileFaults.messageOf(e)), e);
        }
    }

    /** Whether the training runs in other processes than this one. */
    public boolean hasExecutors() {
        return !master.equals("local") && !master.equals("local[1]");
    }

    /** How many processes will train, if the master's name tells it; otherwise 1. */
    public int processes() {
        Matcher several = LOCAL_CLUSTER.matcher(master);
        return several.matches() ? Integer.parseInt(several.group(1)) : 1;
    }

    /** Seconds to wait for the first process that trains. */
    public long executorWaitSeconds() {
        try {
            return Long.parseLong(settings.get(WAIT));
        } catch (NumberFormatException e) {
            throw new ConfigException("--conf %s=%s is not a whole number.".formatted(WAIT, settings.get(WAIT)), e);
        }
    }

    /** One line about the cores and the memory that each process needs. */
    public String asked() {
        return "%s core%s (spark.executor.cores) and %s (spark.executor.memory)".formatted(settings.get("spark.executor.cores"),
            settings.get("spark.executor.cores").equals("1") ? "" : "s", settings.getOrDefault("spark.executor.memory", "1g"));
    }

    private static void requireKnown(String master) {
        if (master.startsWith("local[") && !master.equals("local[1]")) {
            throw new ConfigException(("--master %s: several workers in one process would draw from one random generator. Take --master"
                + " local (one worker after another) or local-cluster[2,1,2048] (two processes of 2,048 MB).").formatted(master));
        }
        boolean known = master.equals("local") || master.equals("local[1]") || LOCAL_CLUSTER.matcher(master).matches()
            || isStandalone(master) || master.equals("yarn") || master.startsWith("k8s://");
        if (!known) {
            throw new ConfigException("--master %s is none of local, local-cluster[N,CORES,MB], spark://HOST:PORT, yarn, k8s://URL."
                .formatted(master));
        }
    }

    private static void refuse(Map<String, String> given, String key, String only, String why) {
        if (!given.getOrDefault(key, only).equals(only)) {
            throw new ConfigException("--conf %s=%s: must be %s. %s".formatted(key, given.get(key), only, why));
        }
    }

    /** Gives each executor one task at a time, with all its cores. */
    private static void slots(String master, Map<String, String> all) {
        Matcher processes = LOCAL_CLUSTER.matcher(master);
        if (processes.matches()) {
            all.putIfAbsent("spark.executor.cores", processes.group(2));
            all.putIfAbsent("spark.executor.memory", processes.group(3) + "m");
        }
        String cores = all.getOrDefault("spark.executor.cores", "1");
        all.put("spark.executor.cores", cores);
        if (!all.getOrDefault("spark.task.cpus", cores).equals(cores)) {
            throw new ConfigException(("--conf spark.task.cpus=%s, spark.executor.cores=%s: they must be equal, so that a process has one"
                + " task at a time: libtorch's random numbers belong to the process. Leave spark.task.cpus out.")
                .formatted(all.get("spark.task.cpus"), cores));
        }
        all.put("spark.task.cpus", master.startsWith("local") && !processes.matches() ? "1" : cores);   // local: one thread
    }

    private static void secure(String master, Map<String, String> all, Map<String, String> environment) {
        String secret = environment.getOrDefault(SECRET, "");
        if (!secret.isEmpty()) {
            all.put("spark.authenticate", "true");
            all.putIfAbsent("spark.authenticate.secret", secret);
        }
        if (all.getOrDefault("spark.authenticate", "false").equals("true")) {
            all.putIfAbsent("spark.network.crypto.enabled", "true");
            return;
        }
        if (!isOnThisMachine(master)) {
            throw new ConfigException(("--master %s is not on this machine alone, and spark.authenticate is off: whoever reaches a port of"
                + " the cluster could run programs as you. Set %s to one secret for master, workers and this command (standalone), or give"
                + " --conf spark.authenticate=true (yarn and k8s make a secret themselves).").formatted(master, SECRET));
        }
        if (!isLoopbackHost(all.get(BIND))) {
            throw reachable("--conf %s=%s".formatted(BIND, all.get(BIND)), "leave the setting out");
        }
        if (LOCAL_CLUSTER.matcher(master).matches()) {
            requireLoopback(environment);
        }
    }

    /** Checks that the master and the workers of local-cluster listen at a loopback address, which Spark takes from {@code environment}. */
    private static void requireLoopback(Map<String, String> environment) {
        String ip = environment.getOrDefault(LOCAL_IP, "");   // without an address, Spark looks for one that is not loopback
        String name = environment.getOrDefault(LOCAL_NAME, ip);
        if (ip.isEmpty() || !isLoopbackHost(ip)) {
            throw reachable(ip.isEmpty() ? LOCAL_IP + " is not set" : "%s=%s".formatted(LOCAL_IP, ip),
                "set %s to %s".formatted(LOCAL_IP, LOOPBACK));
        }
        if (!isLoopbackHost(name)) {
            throw reachable("%s=%s".formatted(LOCAL_NAME, name), "unset " + LOCAL_NAME);
        }
    }

    private static ConfigException reachable(String setting, String otherwise) {
        return new ConfigException(("%s: the processes of Spark listen where other machines reach them, and spark.authenticate is off:"
            + " whoever reaches a port could run programs as you. Set %s to a secret, or %s.").formatted(setting, SECRET, otherwise));
    }

    private static boolean isOnThisMachine(String master) {
        return master.startsWith("local") || isStandalone(master) && hosts(master).stream().allMatch(ClusterSettings::isLoopbackHost);
    }

    static boolean isStandalone(String master) {
        return STANDALONE.matcher(master).matches();
    }

    /** The HOST:PORT of each master of a standalone cluster. */
    static List<String> addresses(String master) {
        return List.of(master.substring("spark://".length()).split(","));
    }

    private static List<String> hosts(String master) {
        return addresses(master).stream().map(address -> address.substring(0, address.lastIndexOf(':'))).toList();
    }

    /** Whether {@code host} is a loopback address, whose ports other machines cannot reach; false for an unknown host. */
    public static boolean isLoopbackHost(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
