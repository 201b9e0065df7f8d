import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;

/** Flyway by its own library, as it has no program in the registry: java FlywayPeer.java URL USER PASSWORD FOLDER migrate|skip|info|validate */
public class FlywayPeer {
    public static void main(String[] args) {
        Flyway flyway = Flyway.configure().dataSource(args[0], args[1], args[2]).locations("filesystem:" + args[3])
            .skipExecutingMigrations(args[4].equals("skip")).load();
        switch (args[4]) {
            case "migrate", "skip" -> System.out.println("executed " + flyway.migrate().migrationsExecuted);
            case "validate" -> flyway.validate();
            default -> {
                for (MigrationInfo one : flyway.info().all()) {
                    System.out.println(one.getScript() + " " + one.getState());
                }
            }
        }
    }
}
