"""PgBouncer before PostgreSQL."""
import signal
import subprocess

from process import Server


class Bouncer(Server):
    """PgBouncer in transaction mode, before each node of a database."""

    def __init__(self, folder, database):
        super().__init__(folder, "pgbouncer")
        self.database = database
        self.file = folder / "pgbouncer.ini"

    def command(self):
        users = self.folder / "users.txt"
        users.write_text('"quire" ""\n')
        lines = "".join(f"{node.name} = host={node.folder} port={node.port} dbname=quire\n"
                        for node in self.database.nodes)
        self.file.write_text(
            f"[databases]\n{lines}[pgbouncer]\nlisten_addr =\nunix_socket_dir = {self.folder}\n"
            f"listen_port = 6432\nauth_type = trust\nauth_file = {users}\n"
            "pool_mode = transaction\ndefault_pool_size = 5\n"
            "server_round_robin = 1\nignore_startup_parameters = extra_float_digits,options\n")
        return ["pgbouncer", self.file]

    def ready(self):
        return subprocess.run(["psql", "-XqAtc", "SELECT 1", self.address(self.database.primary)],
                              capture_output=True, check=False).returncode == 0

    def address(self, node):
        return f"host={self.folder} port=6432 dbname={node.name} user=quire"

    def stop(self, number=signal.SIGQUIT):
        super().stop(number)
