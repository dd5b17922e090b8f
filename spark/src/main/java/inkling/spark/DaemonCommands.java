package inkling.spark;

import inkling.cli.terminal.Console;
import inkling.errors.ConfigException;
import inkling.spark.settings.ClusterSettings;
import inkling.spark.settings.StandaloneMaster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.apache.spark.rpc.RpcEnv;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The daemons of a standalone cluster, for users without an installed Spark. This build contains what the daemons need of Spark. */
final class DaemonCommands {
    private DaemonCommands() {}

    /** {@code cluster master}. */
    @Command(name = "master", description = "Start the master of a standalone cluster; it runs until it is stopped.",
        footer = {"", "Example:", "  inkling cluster master --host 10.0.0.5"})
    static final class MasterCommand implements Callable<Integer> {
        @Option(names = "--host", paramLabel = "H", defaultValue = "127.0.0.1",
            description = "the address at which the master listens (default: 127.0.0.1, this machine only)")
        String host;

        @Option(names = "--port", paramLabel = "P", defaultValue = "7077", description = "the master's port (default: 7077)")
        int port;

        @Option(names = "--webui-port", paramLabel = "P", defaultValue = "8080",
            description = "the port of the master's web page (default: 8080)")
        int page;

        @Override
        public Integer call() {
            secure(host);
            RpcEnv master = Master.startRpcEnvAndEndpoint(host, port, page, new SparkConf())._1();
            Console.out().println("The master is spark://%s:%d. Ctrl-C stops it.".formatted(host, master.address().port()));
            master.awaitTermination();
            return 0;
        }
    }

    /** {@code cluster worker}. */
    @Command(name = "worker", description = "Start a worker of a standalone cluster on this machine; it runs until it is stopped.",
        footer = {"", "Example:", "  inkling cluster worker spark://10.0.0.5:7077 --host 10.0.0.6 --cores 8 --memory 12g"})
    static final class WorkerCommand implements Callable<Integer> {
        @Parameters(paramLabel = "spark://HOST:PORT", description = "the master")
        String master;

        @Option(names = "--host", paramLabel = "H", defaultValue = "127.0.0.1",
            description = "the address at which the worker listens (default: 127.0.0.1)")
        String host;

        @Option(names = "--cores", paramLabel = "N", description = "cores that the worker offers (default: all)")
        Integer cores;

        @Option(names = "--memory", paramLabel = "M", description = "memory that the worker offers, e.g. 12g (default: all but 1 GB)")
        String memory;

        @Option(names = "--work-dir", paramLabel = "DIR",
            description = "where executors keep their logs (default: work, beside Spark's jars)")
        String work;

        @Override
        public Integer call() {
            secure(host);
            Optional<String> silence = StandaloneMaster.silence(master);
            List<String> arguments = new ArrayList<>(List.of("--host", host, "--webui-port", "0"));
            add(arguments, "--cores", cores);
            add(arguments, "--memory", memory);
            add(arguments, "--work-dir", work);
            arguments.add(master);
            Console.out().println("A worker of %s. Ctrl-C stops it.".formatted(master));
            silence.ifPresent(why -> Console.out().println("%s does not answer: %s. The worker goes on trying for some minutes."
                .formatted(master, why)));
            Worker.main(arguments.toArray(String[]::new));
            return 0;
        }

        private static void add(List<String> arguments, String name, Object value) {
            if (value != null) {
                arguments.addAll(List.of(name, value.toString()));
            }
        }
    }

    /**
     * Sets the system properties from which a daemon reads its settings.
     *
     * @throws ConfigException if other machines can reach {@code host} and there is no secret
     */
    private static void secure(String host) {
        System.setProperty("spark.master.rest.enabled", "false");
        String secret = System.getenv().getOrDefault(ClusterSettings.SECRET, "");
        if (!secret.isEmpty()) {
            Map.of("spark.authenticate", "true", "spark.authenticate.secret", secret, "spark.network.crypto.enabled", "true")
                .forEach(System::setProperty);
        } else if (!ClusterSettings.isLoopbackHost(host)) {
            throw new ConfigException(("--host %s can be reached from other machines, and %s is not set: whoever reaches the port could run"
                + " programs as you. Set it to one secret for master, workers and `cluster train`.")
                .formatted(host, ClusterSettings.SECRET));
        }
    }
}
