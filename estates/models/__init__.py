"""Places, the organisations that answer for them, and the people who live and work there."""

from .organisation import Management, ManagementMode, Organisation, OrganisationKind
from .people import Appointment, Residence, ResidenceKind
from .place import Building, Community, District, Dwelling, DwellingKind, Entrance, Estate, Street, Zone
from .register import RegisterFile, RegisterKind, RegisterStage

__all__ = [
    "Appointment",
    "Building",
    "Community",
    "District",
    "Dwelling",
    "DwellingKind",
    "Entrance",
    "Estate",
    "Management",
    "ManagementMode",
    "Organisation",
    "OrganisationKind",
    "RegisterFile",
    "RegisterKind",
    "RegisterStage",
    "Residence",
    "ResidenceKind",
    "Street",
    "Zone",
]
