from qdash_cli.command_user import access_options as access_options
from qdash_cli.main import main as main
from qdash_cli.main import run as run_command
from qdash_cli.plugin_commands import works_with_host as works_with_host
