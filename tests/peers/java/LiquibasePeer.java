import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;

/** Liquibase by its own library: java LiquibasePeer.java URL USER PASSWORD FOLDER CHANGELOG update|status|validate */
public class LiquibasePeer {
    public static void main(String[] args) throws Exception {
        Connection link = DriverManager.getConnection(args[0], args[1], args[2]);
        Database database = DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(link));
        Scope.child(Scope.Attr.resourceAccessor, new DirectoryResourceAccessor(Path.of(args[3])), () -> {
            CommandScope command = new CommandScope(args[5]);
            command.addArgumentValue("database", database);
            command.addArgumentValue("changelogFile", args[4]);
            command.setOutput(System.out);
            command.execute();
        });
        database.close();
    }
}
