"""What a handler may ask for in its signature."""

from litestar.di import NamedDependency
from litestar.params import FromPath

from consult.database import Database
from consult.settings import Settings

#: The database and the settings of the process (see ``app.create_app``).
Db = NamedDependency[Database]
Config = NamedDependency[Settings]
#: A part of the address.
InPath = FromPath[str]
