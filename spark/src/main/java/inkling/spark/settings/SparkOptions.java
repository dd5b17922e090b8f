package inkling.spark.settings;

import inkling.errors.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where Spark runs: the options of the commands that compute with it. */
public final class SparkOptions {
    @Option(names = "--master", paramLabel = "M", defaultValue = "local",
        description = "local: in this process (default); local-cluster[N,CORES,MB]: in N processes of this machine;"
            + " spark://HOST:PORT, yarn, k8s://URL: on that cluster")
    String master;

    @Option(names = "--conf", paramLabel = "spark.k=v", description = "a setting of Spark; may be repeated")
    List<String> conf = new ArrayList<>();

    public String master() {
        return master;
    }

    /** The settings that were given with {@code --conf}. @throws ConfigException if one is not of the form {@code spark.k=v} */
    public Map<String, String> given() {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String setting : conf) {
            int at = setting.indexOf('=');
            if (at < 1 || !setting.startsWith("spark.")) {
                throw new ConfigException("--conf %s: write a setting of Spark, e.g. --conf spark.executor.memory=4g.".formatted(setting));
            }
            settings.put(setting.substring(0, at), setting.substring(at + 1));
        }
        return settings;
    }
}
